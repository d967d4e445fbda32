// Fails when the bundle that ships holds the simulated desk, an inline script or style, or anything
// fetched from elsewhere. The web view's content security policy forbids all of these.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = process.argv[2] ?? "dist";
const problems = [];

function* files(dir) {
  for (const entry of readdirSync(dir)) {
    const path = join(dir, entry);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

let bytes = 0;
for (const path of files(root)) {
  const text = readFileSync(path, "utf8");
  bytes += statSync(path).size;
  if (text.includes("simulated-desk")) problems.push(`${path}: holds the simulated desk`);
  if (path.endsWith(".html")) {
    if (/<script(?![^>]*\bsrc=)/.test(text)) problems.push(`${path}: inline script`);
    if (/<style|\sstyle=/.test(text)) problems.push(`${path}: inline style`);
    if (/\b(?:src|href)="(?:https?:)?\/\//.test(text)) problems.push(`${path}: refers to another host`);
  }
  if (path.endsWith(".css") && /url\(\s*["']?(?:https?:)?\/\/|@import/.test(text)) {
    problems.push(`${path}: fetches from another host`);
  }
  if (path.endsWith(".js") && /\beval\(|new Function\(/.test(text)) problems.push(`${path}: evaluates text`);
}

for (const problem of problems) console.error(problem);
console.log(`${root}: ${Math.round(bytes / 1024)} KiB, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
