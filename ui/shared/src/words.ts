import notices from "../../../assets/words/notices.json";
import reasons from "../../../assets/words/reasons.json";
import { inLanguage, type Both, type Language } from "./language.svelte";

/** A short title, a plain sentence, and what to do next. */
export interface Words {
  readonly title: string;
  readonly text: string;
  readonly next: string;
}

type Book = Readonly<Record<string, Both<Words>>>;

function look(book: Book, code: string, language: Language): Words {
  const entry = book[code];
  if (!entry) {
    // A newer engine may know a code this window does not: the code itself is still worth showing.
    return { title: code, text: "", next: "" };
  }
  return inLanguage(entry, language);
}

/** The words of a reason code such as `S-EXP`. An unknown code gets itself as its title. */
export function reasonWords(code: string, language: Language): Words {
  return look(reasons, code, language);
}

/** The words of a notice code such as `DISK-FULL`. An unknown code gets itself as its title. */
export function noticeWords(code: string, language: Language): Words {
  return look(notices, code, language);
}
