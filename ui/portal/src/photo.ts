/** A picture from the phone's camera, made small enough to send. */

/** Sides in pixels, longest: a face is compared, not printed. */
const LONGEST_SIDE = 1024;
const QUALITY = 0.85;

/**
 * The picture as a JPEG in base64, without what the camera wrote about place and time.
 *
 * Throws when the file is no picture that this browser can read.
 */
export async function jpegOf(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", QUALITY).replace(/^data:image\/jpeg;base64,/, "");
}
