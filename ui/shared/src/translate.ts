import { language, type Language } from "./language.svelte";

/** What a placeholder may be filled with. */
export type Values = Readonly<Record<string, string | number>>;

/** One text per key. */
export type Catalogue<Key extends string> = Readonly<Record<Key, string>>;

/** Gives the text of a key in the language in force, or in the one named. */
export type Translate<Key extends string> = (key: Key, values?: Values, named?: Language) => string;

const PLACEHOLDER = /\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}/g;

/**
 * Fills a text: `{name}` takes the value; `{n|entry|entries}` chooses by `n === 1` and prints no
 * number. A missing value stays visible as `{name}`, so that it is seen and mended.
 */
export function fill(text: string, values: Values = {}): string {
  return text.replace(PLACEHOLDER, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined || many === undefined) return String(value);
    return Number(value) === 1 ? one : many;
  });
}

/**
 * Makes a typed translator from one catalogue per language. The keys of both must be the same;
 * the compiler and `check-messages.mjs` see to it. Inside a component the result is reactive.
 */
export function translator<Key extends string>(
  catalogues: Readonly<Record<Language, Catalogue<Key>>>,
): Translate<Key> {
  return (key, values, named = language.current) => fill(catalogues[named][key], values);
}
