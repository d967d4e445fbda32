/** The code's text as a QR symbol, drawn here so that the authority never makes a picture. */
import { correction, generate, mode } from "lean-qr";

/** Light modules around the symbol that a reader needs (ISO/IEC 18004 §5.3.8). */
export const QUIET_MODULES = 4;

export interface Symbol {
  /** Modules along one side, without the quiet zone. */
  size: number;
  /** The dark modules as one SVG path, in modules; (0, 0) is the corner of the quiet zone. */
  path: string;
}

/**
 * `HTTPS://HOST/` in the alphanumeric mode, then the digits in the numeric mode, at level M: the
 * smallest symbol that text of this form can have; of several people's codes at level L. Two modes are asked for by name, because an
 * encoder that guesses may pick bytes, and the desk expects version 6.
 *
 * Null when the text is not of this form, or longer than any symbol.
 */
export function symbolOf(text: string): Symbol | null {
  const parts = /^(HTTPS:\/\/[A-Z0-9.:-]+\/)(\d+(?:\/\d+)*)$/.exec(text);
  if (!parts?.[1] || !parts[2]) return null;
  const [first = "", ...more] = parts[2].split("/");
  const others = more.flatMap((digits) => [mode.alphaNumeric("/"), mode.numeric(digits)]);
  // Of many modules each is to be as large as can be; a screen is clean.
  const level = more.length > 0 ? correction.L : correction.M;
  let bitmap;
  try {
    bitmap = generate(mode.multi(mode.alphaNumeric(parts[1]), mode.numeric(first), ...others), {
      minCorrectionLevel: level,
      maxCorrectionLevel: level,
    });
  } catch {
    return null;
  }
  return { size: bitmap.size, path: pathOf(bitmap.size, (x, y) => bitmap.get(x, y)) };
}

/** Any short text as a symbol, for a camera nearby; null when it is longer than any symbol. */
export function plainSymbolOf(text: string): Symbol | null {
  try {
    const bitmap = generate(text, { minCorrectionLevel: correction.M });
    return { size: bitmap.size, path: pathOf(bitmap.size, (x, y) => bitmap.get(x, y)) };
  } catch {
    return null;
  }
}

/** Horizontal runs of dark modules as closed rectangles. */
function pathOf(size: number, dark: (x: number, y: number) => boolean): string {
  let path = "";
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (!dark(x, y)) continue;
      const start = x;
      while (x + 1 < size && dark(x + 1, y)) x += 1;
      const width = x - start + 1;
      path += `M${start + QUIET_MODULES} ${y + QUIET_MODULES}h${width}v1h-${width}z`;
    }
  }
  return path;
}
