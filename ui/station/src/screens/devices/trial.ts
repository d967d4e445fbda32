/**
 * What a trial symbol became on its way from the screen through a scanner. The engine keeps readings
 * of them from the desk: they are nobody's.
 */

/** What the engine knows the trial symbols by. */
export const MARK = "YANMA-TRIAL";

/** Both kinds of letters, what an address has, and what layouts move about. */
export const BARS = `${MARK} aZ9:/_`;
/** The same, and what a driving licence has inside: a separator and a line end. */
export const SQUARE = `${MARK} aAzZ0189 :/?&=%#_<>@ \u001dGS\nEND`;

/** A reading of a trial, by whichever way it came. */
export interface Tried {
  readonly text: string;
  readonly via: "camera" | "cable" | "wedge";
  /** Only of a scanner that types: the same by the positions of the keys. */
  readonly byPosition?: string;
}

export type Finding =
  | { readonly what: "exact" | "layout" | "caps" | "controls" }
  /** Something before or after the text: a prefix, a suffix, an AIM identifier. */
  | { readonly what: "around"; readonly extra: string }
  /** Of `of` characters `right` came in their place. */
  | { readonly what: "other"; readonly right: number; readonly of: number };

const controls = /[\u0000-\u001f]/g;
const bare = (text: string): string => text.replace(controls, "");
const turned = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));

function findingOf(tried: Tried, expected: string): Finding {
  const { text, byPosition } = tried;
  if (text === expected) return { what: "exact" };
  if (byPosition === expected) return { what: "layout" };
  if (turned(text) === expected || text === expected.toUpperCase() || text === expected.toLowerCase()) return { what: "caps" };
  if (text.includes(expected)) return { what: "around", extra: text.replace(expected, "…") };
  const plain = bare(expected);
  if (bare(text).replace(/ /g, "") === plain.replace(/ /g, "")) return { what: "controls" };
  if (byPosition !== undefined && bare(byPosition) === plain) return { what: "layout" };
  const right = [...expected].filter((character, index) => text[index] === character).length;
  return { what: "other", right, of: expected.length };
}

const RANK = ["exact", "layout", "caps", "around", "controls", "other"];

/** What is to be said of a reading, measured by whichever of the two symbols it is nearer to. */
export function judgeTrial(tried: Tried): Finding {
  const findings = [SQUARE, BARS].map((expected) => findingOf(tried, expected));
  const nearness = (finding: Finding): number =>
    RANK.indexOf(finding.what) - (finding.what === "other" ? finding.right / finding.of : 0);
  return findings.sort((a, b) => nearness(a) - nearness(b))[0] as Finding;
}
