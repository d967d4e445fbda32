import { correction, generate } from "lean-qr";

/** Light modules around the symbol that a reader needs (ISO/IEC 18004 §5.3.8). */
export const QUIET_MODULES = 4;

export interface Symbol {
  /** Modules along one side, without the quiet zone. */
  size: number;
  /** The dark modules as one SVG path, in modules; (0, 0) is the corner of the quiet zone. */
  path: string;
}

/** Any short text as a symbol, for a reader nearby; null when it is longer than any symbol. */
export function plainSymbolOf(text: string): Symbol | null {
  try {
    const bitmap = generate(text, { minCorrectionLevel: correction.M });
    return { size: bitmap.size, path: pathOf(bitmap.size, (x, y) => bitmap.get(x, y)) };
  } catch {
    return null;
  }
}

/** Horizontal runs of dark modules as closed rectangles. */
export function pathOf(size: number, dark: (x: number, y: number) => boolean): string {
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
