#!/usr/bin/env node
// Checks message catalogues against each other and against the code that uses them.
//
//   check-messages --messages DIR [--languages TAGS] [--base DIR]… --source DIR… [--also DIR]…
//
// DIR/zh-CN.json, DIR/en.json and so on hold the texts, one file for each of TAGS (comma between;
// without it every language of languages.json); DIR/where.json says where each is shown. Fails on: a
// file or a key missing; a file or a key too many; a text that is empty, or a sentence that is still the
// English one; placeholders that differ between the languages; plural forms that are not the language's;
// a key that code uses and nobody defines; a key that nobody uses. A key built from a template, as
// in t(`colour.${name}`), counts every key with that beginning as used. Keys of --base (the shared
// catalogue) may be used here, and are checked for use where they live. Code in --also may use the
// keys as well, beside keys of its own that are not known here.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES, names, problemsOf } from "./texts.mjs";

const options = { messages: [], languages: [], base: [], source: [], also: [] };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, "");
  if (!(name in options) || !process.argv[i + 1]) {
    console.error(`unknown or empty option ${process.argv[i]}`);
    process.exit(2);
  }
  options[name].push(process.argv[i + 1]);
}

const problems = [];
const read = (dir, file) => JSON.parse(readFileSync(join(dir, file), "utf8"));
const languages = options.languages[0]?.split(",") ?? LANGUAGES;

const own = new Map();
for (const dir of options.messages) {
  const chinese = read(dir, "zh-CN.json");
  const english = read(dir, "en.json");
  for (const key of Object.keys(chinese)) own.set(key, new Set(names(chinese[key])));
  const files = readdirSync(dir).filter((file) => file.endsWith(".json"));
  for (const file of files) {
    const tag = file.replace(/\.json$/, "");
    if (tag !== "where" && !languages.includes(tag)) problems.push(`${dir}/${file}: no language of these pages`);
  }
  for (const tag of [...languages, "where"]) {
    const at = `${dir}/${tag}.json`;
    if (!files.includes(`${tag}.json`)) problems.push(`${at}: is missing`);
    else problems.push(...problemsOf(at, tag, read(dir, `${tag}.json`), chinese, english));
  }
}

const known = new Map(own);
for (const dir of options.base) {
  for (const [key, text] of Object.entries(read(dir, "zh-CN.json"))) {
    if (known.has(key)) problems.push(`"${key}" is defined both here and in ${dir}`);
    known.set(key, new Set(names(text)));
  }
}

function* files(dir) {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir)) {
    const path = join(dir, entry);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (/\.(svelte|ts|js)$/.test(entry) && !/\.test\.ts$/.test(entry)) yield path;
  }
}

const used = new Set();
const CALL = /\b(?:t|words)\(\s*(["'`])((?:(?!\1).)*)\1\s*(?:,\s*\{([^{}]*)\})?/gs;
// A key may also stand as a plain string in a table and reach t() through a variable.
const QUOTED = /(["'])([a-z][\w-]*(?:\.[\w-]+)+)\1/g;
for (const dir of [...options.source, ...options.also]) {
  const ours = options.source.includes(dir);
  for (const path of files(dir)) {
    const text = readFileSync(path, "utf8");
    for (const [, quote, key, values] of text.matchAll(CALL)) {
      if (quote === "`" && key.includes("${")) {
        const start = key.slice(0, key.indexOf("${"));
        const matching = [...known.keys()].filter((k) => start !== "" && k.startsWith(start));
        if (matching.length === 0 && ours) problems.push(`${path}: no key begins with "${start}"`);
        for (const k of matching) used.add(k);
        continue;
      }
      used.add(key);
      if (!known.has(key)) {
        if (ours) problems.push(`${path}: "${key}" is not defined`);
        continue;
      }
      if (values === undefined || values.includes("...")) continue;
      const given = new Set(values.split(",").map((v) => v.split(":")[0].trim()).filter(Boolean));
      for (const name of known.get(key) ?? []) {
        if (!given.has(name) && given.size > 0) problems.push(`${path}: "${key}" needs {${name}}`);
      }
      for (const name of given) {
        if (!known.get(key)?.has(name)) problems.push(`${path}: "${key}" has no {${name}}`);
      }
    }
    for (const [, , key] of text.matchAll(QUOTED)) if (known.has(key)) used.add(key);
  }
}
for (const key of own.keys()) if (!used.has(key)) problems.push(`"${key}" is used nowhere`);

for (const problem of problems) console.error(problem);
console.log(`${own.size} messages, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
