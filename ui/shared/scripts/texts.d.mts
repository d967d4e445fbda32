/** Every language of the screens. */
export declare const LANGUAGES: string[];
/** The names of the placeholders of a text, each once. */
export declare function names(text: string): string[];
/** What is wrong with a file of texts, a sentence each. */
export declare function problemsOf(
  at: string,
  tag: string,
  texts: Readonly<Record<string, string>>,
  chinese: Readonly<Record<string, string>>,
  english: Readonly<Record<string, string>>,
): string[];
