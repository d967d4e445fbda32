/** A colour scheme file, and its rules in words. */
import { t, type Key } from "./words";

interface Stage {
  colour: "amber" | "red";
  days?: number | null;
  hours?: number | null;
}

export interface SchemeRule extends Stage {
  kind: string;
  then?: Stage[];
  ended_by?: string[];
  negative_tests?: { count: number; apart_hours?: number; within_days?: number; from_day?: number };
  words: { zh: string; en: string };
}

export interface SchemeFile {
  id: string;
  name: { zh: string; en: string };
  amber_name: "orange" | "yellow";
  source: string;
  rules: SchemeRule[];
}

/** A text with what goes into it, for `t`. */
export type Said = [Key, Record<string, string | number>?];

/** A file's text as a scheme; null when it is not even of that shape. The authority reads it in full. */
export function readScheme(text: string): SchemeFile | null {
  try {
    const scheme = JSON.parse(text) as SchemeFile;
    const isOne =
      typeof scheme.id === "string" &&
      typeof scheme.name?.zh === "string" &&
      typeof scheme.name.en === "string" &&
      ["orange", "yellow"].includes(scheme.amber_name) &&
      Array.isArray(scheme.rules) &&
      scheme.rules.every((rule) => typeof rule.kind === "string" && typeof rule.words?.zh === "string");
    return isOne ? scheme : null;
  } catch {
    return null;
  }
}

/** The colours that a rule calls for, one after another. */
export function stagesOf(rule: SchemeRule): { colour: Stage["colour"]; lasts: Said }[] {
  return [rule, ...(rule.then ?? [])].map(({ colour, days, hours }) => {
    if (days != null) return { colour, lasts: ["rules.days", { n: days }] };
    return { colour, lasts: hours != null ? ["rules.hours", { n: hours }] : ["rules.until-ended"] };
  });
}

/** What ends it; a clearance ends everything and is said once for all. */
export function endsOf(rule: SchemeRule): Said[] {
  const ends: Said[] = [];
  const tests = rule.negative_tests;
  const last = [rule, ...(rule.then ?? [])].at(-1);
  const isTimed = last?.days != null || last?.hours != null;
  if (isTimed) ends.push(tests ? ["rules.end.time-and-tests"] : ["rules.end.time"]);
  if (tests) {
    const from = tests.from_day ?? 1;
    ends.push(
      tests.count > 1
        ? ["rules.end.tests", { n: tests.count, apart: tests.apart_hours ?? 0, within: tests.within_days ?? "–", from }]
        : ["rules.end.test", { from }],
    );
  }
  for (const kind of rule.ended_by ?? []) ends.push(["rules.end.fact", { kind }]);
  if (ends.length === 0) ends.push(["rules.end.cleared"]);
  return ends;
}

/** The schemes that ship, and where their rules come from. */
const SOURCES: readonly Key[] = ["rules.source.fujian-2020", "rules.source.national-2021"];

/** Where the rules come from: in the language in force for a scheme that ships, else as its file says. */
export function sourceWords(scheme: SchemeFile): string {
  const ours = SOURCES.find((key) => t(key, {}, "en") === scheme.source);
  return ours ? t(ours) : scheme.source;
}
