/** The language a person chose here before, else the phone's own. */
import { FIRST_LANGUAGES, language, type Language } from "@yanma/shared";

const KEY = "yanma-language";

/** Chinese for any Chinese phone; English for everybody else, who is likelier to read it. */
export function startingLanguage(chosen: string | null, phone: readonly string[]): Language {
  const known = FIRST_LANGUAGES.find((each) => each === chosen);
  if (known) return known;
  return (phone[0] ?? "zh-CN").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function startLanguage(): void {
  language.set(startingLanguage(read(), navigator.languages));
}

export function chooseLanguage(chosen: Language): void {
  language.set(chosen);
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A private window may keep nothing: the choice then lasts as long as the page.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
