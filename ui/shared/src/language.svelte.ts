/** The languages of the screens. Chinese is the language of record. */
export type Language = "zh-CN" | "en";

export const LANGUAGES: readonly Language[] = ["zh-CN", "en"];

/** The other one: shown small beside the first, for a guest who reads only that. */
export function otherLanguage(language: Language): Language {
  return language === "zh-CN" ? "en" : "zh-CN";
}

/** The one place that knows the language in force; whatever reads `current` follows a change. */
class LanguageState {
  #current = $state<Language>("zh-CN");

  get current(): Language {
    return this.#current;
  }

  /** Switches every text on screen and tells screen readers by the root element's `lang`. */
  set(language: Language): void {
    this.#current = language;
    document.documentElement.lang = language;
  }
}

export const language = new LanguageState();

/** One thing in both languages, as authority, rules and scenes keep it. */
export interface Both<T = string> {
  readonly zh: T;
  readonly en: T;
}

/** What is said in the language in force, or in the one named. Inside a component it is reactive. */
export function inLanguage<T>(both: Both<T>, named: Language = language.current): T {
  return named === "zh-CN" ? both.zh : both.en;
}
