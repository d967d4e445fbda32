/**
 * Makers' barcodes that set a scanner to another mode. The table is the engine's, too
 * (`crates/devices/src/scanners.rs`), which keeps readings of them from the desk: a scanner that
 * does not obey one reads it as text.
 */
import { QUIET_MODULES, plainSymbolOf } from "@yanma/shared";
import table from "../../../../../assets/scanners.json";
import { FNC3, barsOf } from "./code128";
import type { Finding, Tried } from "./trial";

export type Aim = "serial" | "hid-pos" | "keyboard" | "us-layout" | "controls" | "enter" | "no-suffix" | "defaults";

/** `{FNC3}` stands for function 3. */
export type Barcode = { readonly code128: string } | { readonly qr: string };

export interface Family {
  readonly id: string;
  readonly name: string;
  /** The better for a desk before the others. */
  readonly settings: readonly { readonly to: Aim; readonly scan: readonly Barcode[]; readonly source: string }[];
}

export const FAMILIES = table.families as unknown as readonly Family[];
/** Makers of whom no barcode is known well enough to be shown. */
export const LEFT_OUT: readonly string[] = table.leftOut.map(({ name }) => name);

/** What a scanner of another family reads in a barcode. */
export const textOf = (barcode: Barcode): string => writtenIn(barcode).replaceAll("{FNC3}", "");

const writtenIn = (barcode: Barcode): string => ("qr" in barcode ? barcode.qr : barcode.code128);

export interface Drawing {
  readonly kind: "QR" | "Code 128";
  /** In modules, quiet zone included. The bars are one high and are stretched. */
  readonly width: number;
  readonly path: string;
}

/** Throws for what its symbology does not hold; nothing in the table is that. */
export function draw(barcode: Barcode): Drawing {
  if ("code128" in barcode) {
    return { kind: "Code 128", ...barsOf(barcode.code128.replaceAll("{FNC3}", FNC3)) };
  }
  const symbol = plainSymbolOf(barcode.qr);
  if (!symbol) throw new RangeError("longer than any QR");
  return { kind: "QR", width: symbol.size + 2 * QUIET_MODULES, path: symbol.path };
}

/** Whether the barcode on the screen came as text: the scanner did not obey it. A camera never does. */
export function cameAsText(tried: Tried, family: Family): boolean {
  if (tried.via === "camera") return false;
  const texts = family.settings.flatMap(({ scan }) => scan.map(textOf));
  return texts.some((text) => tried.text === text || tried.byPosition === text);
}

/** What mends a finding, the best first; `slow` when a health code takes a scanner long to type. */
export function mends(finding: Finding | null, slow: boolean): readonly Aim[] {
  switch (finding?.what) {
    case "layout":
      return ["us-layout", "hid-pos", "serial", "defaults"];
    case "controls":
      return ["controls", "hid-pos", "serial"];
    case "around":
      return ["no-suffix", "enter", "defaults"];
    case "caps":
    case "other":
      return ["hid-pos", "serial", "defaults"];
    default:
      return slow ? ["hid-pos", "serial"] : [];
  }
}

/** What is offered first of a family: what mends most, else its first. */
export function firstAim(family: Family, wanted: readonly Aim[]): Aim {
  const known = family.settings.map(({ to }) => to);
  return wanted.find((aim) => known.includes(aim)) ?? (known[0] as Aim);
}
