#!/usr/bin/env node
// Checks the words that lie beside the engine, in assets/words, against each other and against what says them.
//
//   check-words ROOT
//
// reasons.json and notices.json hold Chinese and English; every further language has one file with its
// reasons, notices and phrases. Phrases are what scenes and devices say in Chinese and English,
// known by their English text. Fails on a file, a code or a phrase that is missing or too many, and on a
// text that is empty or still the English one.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES, problemsOf } from "./texts.mjs";

const root = process.argv[2];
if (!root) {
  console.error("say where the repository is");
  process.exit(2);
}
const FIRST = ["zh-CN", "en"];
const words = join(root, "assets/words");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const problems = [];

/** `{ "S-EXP": { title, text, next } }` as `{ "S-EXP.title": … }`. */
const flat = (book) =>
  Object.fromEntries(
    Object.entries(book ?? {}).flatMap(([code, said]) =>
      ["title", "text", "next"].map((part) => [`${code}.${part}`, said[part] ?? ""]),
    ),
  );
const half = (pairs, which) => flat(Object.fromEntries(Object.entries(pairs).map(([code, pair]) => [code, pair[which]])));

/** English → Chinese of everything that is said in both. */
const phrases = new Map();

const scenes = join(root, "assets/scenes");
for (const file of readdirSync(scenes)) {
  const text = readFileSync(join(scenes, file), "utf8");
  for (const [, zh, en] of text.matchAll(/zh = "([^"]*)", en = "([^"]*)"/g)) phrases.set(en, zh);
}
for (const device of ["card", "printer"]) {
  const status = readFileSync(join(root, `crates/devices/src/${device}/status.rs`), "utf8");
  for (const [, en, zh] of status.matchAll(/\(\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g)) phrases.set(en, zh);
}
for (const file of ["card_reader", "out"]) {
  const told = readFileSync(join(root, `src-tauri/src/${file}.rs`), "utf8");
  for (const [, zh, en] of told.matchAll(/WordsView::new\(\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g)) phrases.set(en, zh);
}
// A pattern that finds nothing any more would pass everything.
const counted = phrases.size;
if (counted < 60) problems.push(`only ${counted} phrases were found in scenes and devices: are they written differently now?`);

const both = ["reasons", "notices"].map((kind) => [kind, read(join(words, `${kind}.json`))]);
for (const [kind, pairs] of both) {
  for (const which of ["zh", "en"]) {
    problems.push(...problemsOf(`${kind}.json (${which})`, "en", half(pairs, which), half(pairs, "zh"), {}));
  }
}
const chinese = Object.fromEntries(phrases);
const english = Object.fromEntries([...phrases.keys()].map((text) => [text, text]));
for (const tag of LANGUAGES.filter((one) => !FIRST.includes(one))) {
  const path = join(words, `${tag}.json`);
  if (!existsSync(path)) {
    problems.push(`${path} is missing`);
    continue;
  }
  const book = read(path);
  for (const [kind, pairs] of both) {
    problems.push(...problemsOf(`${path}: ${kind}`, tag, flat(book[kind]), half(pairs, "zh"), half(pairs, "en")));
  }
  problems.push(...problemsOf(`${path}: phrases`, tag, book.phrases ?? {}, chinese, english));
}

for (const problem of problems) console.error(problem);
const texts = both.reduce((sum, [, pairs]) => sum + 3 * Object.keys(pairs).length, counted);
console.log(`${texts} words beside the engine in ${LANGUAGES.length} languages, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
