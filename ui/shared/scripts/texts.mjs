// What a text in one language must have in common with the Chinese and the English one.
import { readFileSync } from "node:fs";

const KNOWN = JSON.parse(readFileSync(new URL("../languages.json", import.meta.url), "utf8"));

/** Every language of the screens. */
export const LANGUAGES = Object.keys(KNOWN);

const PLACEHOLDER = /\{(\w+)((?:\|[^{}|]*)*)\}/g;

/** The names of the placeholders of a text, each once. */
export const names = (text) => [...new Set([...text.matchAll(PLACEHOLDER)].map((m) => m[1]))];

const list = (text) => names(text).sort().join(", ");

/** Words of letters, without placeholders: whether a sentence was left in English is seen from three on. */
const wordCount = (text) => (text.replace(PLACEHOLDER, "").match(/\p{L}{2,}/gu) ?? []).length;

/**
 * What is wrong with a file of texts. `tag` "where" is the descriptions of a catalogue: only that every
 * key has one is asked of them.
 */
export function problemsOf(at, tag, texts, chinese, english) {
  const problems = [];
  for (const key of new Set([...Object.keys(chinese), ...Object.keys(texts)])) {
    const text = texts[key];
    if (text === undefined) problems.push(`${at}: "${key}" is missing`);
    else if (!(key in chinese)) problems.push(`${at}: "${key}" is in no other language`);
    else if (String(text).trim() === "" && String(chinese[key]).trim() !== "") problems.push(`${at}: "${key}" is empty`);
    else if (tag !== "where") problems.push(...oneText(`${at}: "${key}"`, tag, text, chinese[key], english[key]));
  }
  return problems;
}

function oneText(at, tag, text, chinese, english) {
  const problems = [];
  if (list(text) !== list(chinese)) problems.push(`${at} has {${list(text)}}, and {${list(chinese)}} in zh-CN`);
  const rest = text.replace(PLACEHOLDER, "");
  if (/[{}]/.test(rest)) problems.push(`${at} has a brace that belongs to no placeholder`);
  if (tag !== "en" && text === english && wordCount(text) >= 3) problems.push(`${at} is still the English text`);
  for (const [whole, , forms] of text.matchAll(PLACEHOLDER)) {
    const has = forms.split("|").length - 1;
    const wants = KNOWN[tag].forms.length;
    if (has > 0 && has !== wants) problems.push(`${at}: ${whole} has ${has} forms, and ${tag} has ${wants}: ${KNOWN[tag].forms.join(", ")}`);
  }
  return problems;
}
