#!/usr/bin/env node
// Checks message catalogues against each other and against the code that uses them.
//
//   check-messages --messages DIR [--base DIR]… --source DIR… [--also DIR]…
//
// DIR/zh-CN.json and DIR/en.json hold the texts, DIR/where.json says where each is shown. Fails on:
// a key missing in one file; a text that is empty; placeholders that differ between the languages;
// a key that code uses and nobody defines; a key that nobody uses. A key built from a template, as
// in t(`colour.${name}`), counts every key with that beginning as used. Keys of --base (the shared
// catalogue) may be used here, and are checked for use where they live. Code in --also may use the
// keys as well, beside keys of its own that are not known here.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const options = { messages: [], base: [], source: [], also: [] };
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
const names = (text) => [...text.matchAll(/\{(\w+)/g)].map((m) => m[1]);
const unique = (list) => [...new Set(list)].sort().join(", ");

const own = new Map();
for (const dir of options.messages) {
  const [zh, en, where] = ["zh-CN.json", "en.json", "where.json"].map((file) => read(dir, file));
  const keys = new Set([...Object.keys(zh), ...Object.keys(en), ...Object.keys(where)]);
  for (const key of keys) {
    for (const [file, book] of [["zh-CN.json", zh], ["en.json", en], ["where.json", where]]) {
      if (!(key in book)) problems.push(`${dir}/${file}: "${key}" is missing`);
      else if (String(book[key]).trim() === "") problems.push(`${dir}/${file}: "${key}" is empty`);
    }
    if (zh[key] && en[key] && unique(names(zh[key])) !== unique(names(en[key]))) {
      problems.push(`${dir}: "${key}" has {${unique(names(zh[key]))}} in zh-CN, {${unique(names(en[key]))}} in en`);
    }
    own.set(key, new Set(names(zh[key] ?? "")));
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
