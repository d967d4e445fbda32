import { Shelf, language, pluralForms, type Language } from "./language.svelte";

/** What a placeholder may be filled with. */
export type Values = Readonly<Record<string, string | number>>;

/** One text per key. */
export type Texts = Readonly<Record<string, string>>;

/** Gives the text of a key in the language in force, or in the one named. */
export type Translate<Key extends string> = (key: Key, values?: Values, named?: Language) => string;

const PLACEHOLDER = /\{(\w+)((?:\|[^{}|]*)*)\}/g;

/** From here on digits are grouped, as the language groups them; below it they stand as they are. */
const GROUPED_FROM = 10_000;

const rules = new Map<Language, Intl.PluralRules>();

function rulesOf(named: Language): Intl.PluralRules {
  const found = rules.get(named) ?? new Intl.PluralRules(named);
  rules.set(named, found);
  return found;
}

/** Which of the forms fits a number: the language's categories in their order, the last for any other. */
function form(forms: readonly string[], value: string | number, named: Language): string {
  const category = rulesOf(named).select(Number(value));
  const place = pluralForms(named).indexOf(category);
  return forms[place < 0 ? forms.length - 1 : place] ?? "";
}

function printed(value: string | number, named: Language): string {
  return typeof value === "number" && value >= GROUPED_FROM ? value.toLocaleString(named) : String(value);
}

/**
 * Fills a text: `{name}` takes the value; `{n|entry|entries}` chooses by the language's plural rules
 * and prints no number (Russian has three forms: one, few, many). A missing value stays visible as
 * `{name}`, so that it is seen and mended.
 */
export function fill(text: string, values: Values = {}, named: Language = "en"): string {
  return text.replace(PLACEHOLDER, (whole, name: string, forms: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return forms === "" ? printed(value, named) : form(forms.slice(1).split("|"), value, named);
  });
}

/**
 * Makes a typed translator from shelves of texts, looked through in their order. That every language
 * has every key is `check-messages.mjs`' to see to. Inside a component the result is reactive.
 */
export function translator<Key extends string>(...shelves: readonly Shelf<Texts>[]): Translate<Key> {
  return (key, values, named = language.current) => {
    for (const shelf of shelves) {
      const text = shelf.at(named)[key] ?? shelf.at("en")[key];
      if (text !== undefined) return fill(text, values, named);
    }
    return key;
  };
}
