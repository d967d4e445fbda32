/**
 * Code 128 (ISO/IEC 15417), code set B, for text on a trial symbol. Widths of bars and spaces in
 * modules, beginning with a bar, for the values 0 to 106.
 */
const WIDTHS =
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122" +
  "123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323" +
  "131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131" +
  "213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122" +
  "141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112" +
  "124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141" +
  "4111312114122112142112322331112";

/**
 * Stands in a text for function 3, which is no character: the symbol is an order to the reader
 * (ISO/IEC 15417 §4.3.4.2).
 */
export const FNC3 = "\u00f3";
const FUNCTION_3 = 96;

const START_B = 104;
const STOP = 106;
/** Symbols have six widths each; the stop has seven. */
const EACH = 6;

const widthsOf = (value: number): string =>
  value === STOP ? WIDTHS.slice(STOP * EACH) : WIDTHS.slice(value * EACH, (value + 1) * EACH);

/** The values of a symbol that says `text`: start, characters, check, stop. */
export function valuesOf(text: string): number[] {
  const characters = [...text].map((character) => (character === FNC3 ? FUNCTION_3 : character.charCodeAt(0) - 32));
  if (characters.some((value) => value < 0 || value > FUNCTION_3)) throw new RangeError("code set B is printable ASCII and functions");
  const check = characters.reduce((sum, value, index) => sum + value * (index + 1), START_B) % 103;
  return [START_B, ...characters, check, STOP];
}

/** Light modules on both sides that a reader needs (ISO/IEC 15417 §4.4). */
const QUIET = 10;

/** The bars as one SVG path of height 1, and the whole width in modules, quiet zones included. */
export function barsOf(text: string): { width: number; path: string } {
  let at = QUIET;
  let path = "";
  [...valuesOf(text).map(widthsOf).join("")].forEach((width, index) => {
    if (index % 2 === 0) path += `M${at} 0h${width}v1h-${width}z`;
    at += Number(width);
  });
  return { width: at + QUIET, path };
}
