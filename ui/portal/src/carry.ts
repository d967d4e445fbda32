/**
 * The newest lists as a series of symbols, for the camera of a desk without a network: the format of
 * `crates/protocol/src/symbols.rs`. The files are signed; nothing here is believed by the desk.
 */

const PREFIX = "YMQ1:";
const PIECE_BYTES = 600;
const MAX_SYMBOLS = 1024;
/** A feed file: 12 bytes before the payload, a signature of 64 after it (`docs/feeds.md`). */
const [BEFORE, AFTER] = [12, 64];

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** RFC 9285. */
export function base45(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let rest = pair ? (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0) : (bytes[at] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit += 1) {
      text += DIGITS[rest % 45];
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

function bundleOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bundle = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bundle.set(part, at + 4);
    at += 4 + part.length;
  }
  return bundle;
}

/** The texts of a series, in order; null when it would be longer than a desk takes. */
export async function series(head: Uint8Array, files: readonly Uint8Array[]): Promise<string[] | null> {
  const bundle = bundleOf([head, ...files]);
  const count = Math.ceil(bundle.length / PIECE_BYTES);
  if (count > MAX_SYMBOLS) return null;
  const set = new Uint8Array(await crypto.subtle.digest("SHA-256", bundle)).slice(0, 4);
  return Array.from({ length: count }, (_, number) => {
    const piece = bundle.slice(number * PIECE_BYTES, (number + 1) * PIECE_BYTES);
    const frame = new Uint8Array(8 + piece.length);
    frame.set(set);
    const view = new DataView(frame.buffer);
    view.setUint16(4, number, true);
    view.setUint16(6, count, true);
    frame.set(piece, 8);
    return PREFIX + base45(frame);
  });
}

interface FileRef {
  name: string;
  bytes: number;
}

interface Head {
  issued_at: string;
  feeds: Record<"trust" | "policy" | "status", { snapshot: FileRef; deltas: FileRef[] }>;
}

function headOf(sealed: Uint8Array): Head {
  return JSON.parse(new TextDecoder().decode(sealed.slice(BEFORE, -AFTER))) as Head;
}

/** What a desk needs: everything but the directory, which is too large to be shown. */
export function namesOf(sealed: Uint8Array, whole: boolean): string[] {
  const { trust, policy, status } = headOf(sealed).feeds;
  const files = [trust.snapshot, policy.snapshot];
  // A desk goes the shortest way, which of a short list is the snapshot.
  const steps = status.deltas.reduce((sum, file) => sum + file.bytes, 0);
  if (whole || status.snapshot.bytes <= steps || status.deltas.length === 0) files.push(status.snapshot);
  return [...files, ...status.deltas].map((file) => file.name);
}

export interface Carried {
  texts: string[];
  /** When the head was issued: what the desk's data have their age from. */
  issuedAt: string;
}

/** Fetches what is newest; null when it is too much to be shown. */
export async function fetchSeries(whole: boolean, get: typeof fetch = fetch): Promise<Carried | null> {
  const bytes = async (path: string) => {
    const answer = await get(`/v1/feeds/${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const head = await bytes("head");
  const files = await Promise.all(namesOf(head, whole).map((name) => bytes(`files/${name}`)));
  const texts = await series(head, files);
  return texts && { texts, issuedAt: headOf(head).issued_at };
}
