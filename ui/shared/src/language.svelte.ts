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
