/**
 * What a trial symbol became on its way from the screen through a scanner. The engine keeps readings
 * of them from the desk: they are nobody's.
 */
import { AIM_LAST } from "../../state/framing";

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

/** What the desk takes off, or should; empty for nothing. */
export interface Framing {
  readonly prefix: string;
  readonly suffix: string;
}

export type Finding =
  | { readonly what: "exact" | "layout" | "caps" | "controls" }
  /** A prefix or a suffix. An AIM identifier is taken off whatever a scanner sends. */
  | ({ readonly what: "around"; readonly extra: string } & Framing)
  /** Of `of` characters `right` came in their place. */
  | { readonly what: "other"; readonly right: number; readonly of: number };

const controls = /[\u0000-\u001f]/g;
const bare = (text: string): string => text.replace(controls, "");
const turned = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()));

/** What ends a suffix on one way of a scanner is gone on another. */
const ENDS = /[\r\n\t]+$/;

/** Control characters and backslashes as the settings have them. */
export const written = (affix: string): string =>
  affix.replace(/[\u0000-\u001f\u007f\\]/g, (one) =>
    one === "\\" ? "\\\\" : `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

function findingOf(tried: Tried, expected: string, off: Framing): Finding {
  const { text, byPosition } = tried;
  if (text === expected) return { what: "exact" };
  if (byPosition === expected) return { what: "layout" };
  if (turned(text) === expected || text === expected.toUpperCase() || text === expected.toLowerCase()) return { what: "caps" };
  const at = text.indexOf(expected);
  if (at >= 0) {
    const prefix = text.slice(0, at).replace(AIM_LAST, "");
    const suffix = text.slice(at + expected.length).replace(ENDS, "");
    const rest = [[prefix, off.prefix], [suffix, off.suffix.replace(ENDS, "")]];
    if (rest.every(([there, known]) => there === "" || there === known)) return { what: "exact" };
    return { what: "around", extra: `${prefix}…${suffix}`, prefix, suffix };
  }
  const plain = bare(expected);
  if (bare(text).replace(/ /g, "") === plain.replace(/ /g, "")) return { what: "controls" };
  if (byPosition !== undefined && bare(byPosition) === plain) return { what: "layout" };
  const right = [...expected].filter((character, index) => text[index] === character).length;
  return { what: "other", right, of: expected.length };
}

const RANK = ["exact", "layout", "caps", "around", "controls", "other"];

/** What is to be said of a reading at a desk that takes `off`, measured by whichever of the two symbols it is nearer to. */
export function judgeTrial(tried: Tried, off: Framing): Finding {
  const findings = [SQUARE, BARS].map((expected) => findingOf(tried, expected, off));
  const nearness = (finding: Finding): number =>
    RANK.indexOf(finding.what) - (finding.what === "other" ? finding.right / finding.of : 0);
  return findings.sort((a, b) => nearness(a) - nearness(b))[0] as Finding;
}
