/** The code's text as a QR symbol, drawn here so that the authority never makes a picture. */
import { type Symbol, pathOf } from "@yanma/shared";
import { correction, generate, mode } from "lean-qr";

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
