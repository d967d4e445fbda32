// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const more = readFileSync(new URL("./contrast.css", import.meta.url), "utf8");

/** The custom properties of one scheme: what a later block leaves out stays as before. */
function scheme(name: "light" | "dark", contrast: "usual" | "more"): Map<string, string> {
  const [light = "", dark = ""] = css.split(':root[data-scheme="dark"]');
  const [moreLight = "", moreDark = ""] = more.split(':root[data-contrast="more"][data-scheme="dark"]');
  const blocks = [light, name === "dark" ? dark : ""];
  if (contrast === "more") blocks.push(moreLight, name === "dark" ? moreDark : "");
  const text = blocks.join("");
  return new Map([...text.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

/** WCAG 2 relative luminance of "#rrggbb". */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ["--surface-page", "--surface-panel", "--surface-sunken", "--surface-field", "--surface-slip", "--surface-hover"];
const owned = [
  ...["admit", "refuse", "refer", "idle"].map((n) => `--verdict-${n}`),
  ...["green", "orange", "yellow", "red", "withdrawn"].map((n) => `--code-${n}`),
  ...["live", "normal", "old", "too-old", "none"].map((n) => `--tier-${n}`),
  "--notice",
  "--accent",
  "--welcome",
];

/** Text, ground, least contrast: 4.5 for text, 3 for edges and shapes (WCAG 1.4.3, 1.4.11). */
const PAIRS: [string, string, number][] = [
  ...surfaces.flatMap((s): [string, string, number][] => [
    ["--text-strong", s, 7],
    ["--text-muted", s, 4.5],
  ]),
  ...owned.map((ground): [string, string, number] => [`${ground}-on`, ground, 4.5]),
  ...["--surface-page", "--surface-panel", "--surface-field"].flatMap((s): [string, string, number][] => [
    ["--line-strong", s, 3],
    ["--focus", s, 3],
    ["--mark-admit", s, 4.5],
    ["--mark-refuse", s, 4.5],
    ["--mark-refer", s, 4.5],
    ["--problem", s, 4.5],
    ["--accent", s, 4.5],
  ]),
  ["--problem", "--problem-quiet", 4.5],
  ["--text-strong", "--accent-quiet", 7],
  ["--notice-line", "--notice", 3],
];

describe.each(["light", "dark"] as const)("%s scheme", (name) => {
  const values = scheme(name, "usual");
  it.each(PAIRS)("%s on %s is at least %d:1", (text, ground, least) => {
    const [a, b] = [values.get(text), values.get(ground)];
    expect(a, text).toMatch(/^#[0-9a-f]{6}$/);
    expect(b, ground).toMatch(/^#[0-9a-f]{6}$/);
    expect(contrast(a ?? "", b ?? "")).toBeGreaterThanOrEqual(least);
  });
});

/** With more contrast: 7 for text, 4.5 for edges and shapes (WCAG 1.4.6). */
const MORE: [string, string, number][] = [
  ...PAIRS.map(([text, ground, least]): [string, string, number] => [text, ground, least >= 4.5 ? 7 : 4.5]),
  ...["--surface-page", "--surface-panel", "--surface-field"].map((s): [string, string, number] => ["--line-quiet", s, 4.5]),
];

describe.each(["light", "dark"] as const)("%s scheme with more contrast", (name) => {
  const values = scheme(name, "more");
  it.each(MORE)("%s on %s is at least %d:1", (text, ground, least) => {
    expect(contrast(values.get(text) ?? "", values.get(ground) ?? "")).toBeGreaterThanOrEqual(least);
  });
});
