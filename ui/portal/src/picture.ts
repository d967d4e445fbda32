/** Reads a QR symbol from a picture, where the browser itself can; the picture stays on the phone. */
interface Detector {
  detect(image: ImageBitmap): Promise<{ rawValue: string }[]>;
}
type DetectorMaker = new (options: { formats: string[] }) => Detector;

function maker(): DetectorMaker | undefined {
  return (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
}

export function canReadPictures(): boolean {
  return maker() !== undefined && typeof createImageBitmap === "function";
}

/** The text of the symbol; null when there is none that can be read. */
export async function codeInPicture(file: Blob): Promise<string | null> {
  const Maker = maker();
  if (!Maker) return null;
  try {
    const image = await createImageBitmap(file);
    const found = await new Maker({ formats: ["qr_code"] }).detect(image);
    image.close();
    return found[0]?.rawValue ?? null;
  } catch {
    return null;
  }
}
