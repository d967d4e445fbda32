import known from "../languages.json";

/** The languages of the screens. Chinese is the language of record. */
export type Language = keyof typeof known;

/** Every language, in the order of the choosers. */
export const LANGUAGES = Object.keys(known) as readonly Language[];

/** The languages that every page has at once; the others are fetched when somebody chooses them. */
export const FIRST_LANGUAGES = ["zh-CN", "en"] as const satisfies readonly Language[];

/** What a language calls itself. */
export function languageName(named: Language): string {
  return known[named].name;
}

/** The same in a letter or two, for bars. Not without the whole name for who cannot see. */
export function shortLanguageName(named: Language): string {
  return known[named].short;
}

/** The plural categories that texts of this language tell apart, in the order in which they stand. */
export function pluralForms(named: Language): readonly string[] {
  return known[named].forms;
}

/** English beside Chinese, and Chinese beside anything else. */
export function otherLanguage(language: Language): Language {
  return language.startsWith("zh") ? "en" : "zh-CN";
}

type Fetch<T> = () => Promise<T>;

const shelves: Shelf<unknown>[] = [];

/** One kind of texts in every language: those of `ready` are there, more are fetched when wanted. */
export class Shelf<T> {
  readonly #ready = new Map<Language, T>();
  readonly #later = new Map<Language, Fetch<T>>();

  constructor(ready: Readonly<Record<(typeof FIRST_LANGUAGES)[number], T>>) {
    for (const named of FIRST_LANGUAGES) this.#ready.set(named, ready[named]);
    shelves.push(this as Shelf<unknown>);
  }

  /** What `import.meta.glob` gives for files named after their language, such as `fr.json`. */
  add(files: Readonly<Record<string, Fetch<T>>>): void {
    for (const named of LANGUAGES) {
      const file = Object.keys(files).find((path) => path.endsWith(`/${named}.json`));
      const fetch = file ? files[file] : undefined;
      if (fetch && !this.#ready.has(named)) this.#later.set(named, fetch);
    }
  }

  /** The texts in a language, or in English where this shelf has none in it. */
  at(named: Language): T {
    return (this.#ready.get(named) ?? this.#ready.get("en")) as T;
  }

  waits(named: Language): boolean {
    return this.#later.has(named);
  }

  async fetch(named: Language): Promise<void> {
    const texts = await this.#later.get(named)?.();
    if (texts) this.#ready.set(named, texts);
    this.#later.delete(named);
  }
}

/** Fetches all texts of a language. Rejects when a file of it cannot be had. */
export async function fetchLanguage(named: Language): Promise<void> {
  await Promise.all(shelves.map((shelf) => shelf.fetch(named)));
}

/** The one place that knows the languages in force; whatever reads them follows a change. */
class LanguageState {
  #current = $state<Language>("zh-CN");
  #second = $state<Language | null>(null);
  #turn = 0;

  get current(): Language {
    return this.#current;
  }

  /** The one shown small beside the first, for a guest who reads only that. */
  get second(): Language {
    const chosen = this.#second;
    return chosen && chosen !== this.#current ? chosen : otherLanguage(this.#current);
  }

  /** Switches every text on screen and tells screen readers by the root element's `lang`. */
  set(language: Language): void {
    this.#turn += 1;
    this.#current = language;
    document.documentElement.lang = language;
  }

  /** The same when its texts are there, which is at once for those that are. The last choice wins. */
  async choose(language: Language): Promise<void> {
    const turn = (this.#turn += 1);
    if (shelves.some((shelf) => shelf.waits(language))) await fetchLanguage(language);
    if (turn === this.#turn) this.set(language);
  }

  /** Which stands second; `null` for English beside Chinese and Chinese beside the others. */
  async chooseSecond(language: Language | null): Promise<void> {
    if (language) await fetchLanguage(language);
    this.#second = language;
  }
}

export const language = new LanguageState();
