#!/usr/bin/env node
// Fails when the built page would break under `content-security-policy: default-src 'self'`, or
// holds the mock. Usage: check-bundle.mjs DIR
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const dir = process.argv[2] ?? "dist";
const problems = [];

for (const name of ["index.html", "console.html"]) {
  const page = readFileSync(join(dir, name), "utf8");
  if (/<script(?![^>]*\bsrc=)/.test(page)) problems.push(`${name} holds an inline script`);
  if (/<style|\sstyle=|\son[a-z]+=/.test(page)) problems.push(`${name} holds an inline style or handler`);
  if (/(?:src|href)="(?:https?:)?\/\//.test(page)) problems.push(`${name} loads from elsewhere`);
}

for (const file of readdirSync(join(dir, "assets"))) {
  const text = readFileSync(join(dir, "assets", file), "utf8");
  // A template with a style attribute is parsed by the browser, and the policy then drops it.
  if (file.endsWith(".js") && /<[a-z][^<>`]*\sstyle=/.test(text)) problems.push(`${file}: style attribute in a template`);
  if (/url\(["']?(?:data:|https?:)/.test(text)) problems.push(`${file}: an address that the policy blocks`);
  if (/\beval\(|new Function\(/.test(text)) problems.push(`${file}: evaluates text`);
  if (/mock-authority|\/v1\/mock/.test(text)) problems.push(`${file}: holds the mock`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
