import notices from "../../../assets/words/notices.json";
import reasons from "../../../assets/words/reasons.json";
import { Shelf, language, type Language } from "./language.svelte";

/** A short title, a plain sentence, and what to do next. */
export interface Words {
  readonly title: string;
  readonly text: string;
  readonly next: string;
}

/** One thing in both languages, as authority, rules, scenes and devices keep it. */
export interface Both {
  readonly zh: string;
  readonly en: string;
}

/** The words of one further language: `assets/words/fr.json` and the like. */
export interface Book {
  readonly reasons: Readonly<Record<string, Words>>;
  readonly notices: Readonly<Record<string, Words>>;
  /** What scenes and devices say, by its English text. */
  readonly phrases: Readonly<Record<string, string>>;
}

type Pairs = Readonly<Record<string, { readonly zh: Words; readonly en: Words }>>;

function half(pairs: Pairs, which: "zh" | "en"): Record<string, Words> {
  return Object.fromEntries(Object.entries(pairs).map(([code, pair]) => [code, pair[which]]));
}

const both = (which: "zh" | "en"): Book => ({
  reasons: half(reasons, which),
  notices: half(notices, which),
  phrases: {},
});

/** Reasons, notices, and the phrases of what is kept in two languages. */
export const books = new Shelf<Book>({ "zh-CN": both("zh"), en: both("en") });

function look(kind: "reasons" | "notices", code: string, named: Language): Words {
  // A newer engine may know a code this window does not: the code itself is still worth showing.
  return books.at(named)[kind][code] ?? books.at("en")[kind][code] ?? { title: code, text: "", next: "" };
}

/** The words of a reason code such as `S-EXP`. An unknown code gets itself as its title. */
export function reasonWords(code: string, named: Language): Words {
  return look("reasons", code, named);
}

/** The words of a notice code such as `DISK-FULL`. An unknown code gets itself as its title. */
export function noticeWords(code: string, named: Language): Words {
  return look("notices", code, named);
}

/**
 * What is said in the language in force, or in the one named. Beyond Chinese and English it is known
 * only for what ships; a place's own name or wording is shown as the place wrote it, in Chinese to who
 * reads Chinese and in English to others. Inside a component it is reactive.
 */
export function inLanguage(said: Both, named: Language = language.current): string {
  if (named === "zh-CN") return said.zh;
  if (named === "en") return said.en;
  return books.at(named).phrases[said.en] ?? (named === "zh-Hant" ? said.zh : said.en);
}
