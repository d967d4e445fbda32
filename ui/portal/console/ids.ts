/** Ids of facts that their file gives none: made of what the fact says, so that a file sent twice counts once. */
import type { FactReport } from "./wire";

/** The namespace of these ids. It never changes: another one would make every file new. */
const NAMESPACE = "8d1f3c52-6a0b-4e97-b3c4-1e5f7a9d2b60";

/** A report whose id may be yet to be made. */
export type Unnamed = Omit<FactReport, "id">;

/** Browsers hash only on pages that came over TLS, or from this computer. */
export const canMakeIds = (): boolean => typeof crypto.subtle !== "undefined";

/**
 * The UUID of version 5 (RFC 9562) over the number of whoever reports and the fields, as a JSON
 * array of seven texts: docs/facts.md.
 */
export async function idOf(reporter: number, fact: Unnamed): Promise<string> {
  const { document_type, number, kind, occurred_at, detail = "", retracts = "" } = fact;
  const name = JSON.stringify([String(reporter), document_type, number, kind, occurred_at, detail, retracts]);
  const text = new TextEncoder().encode(name);
  const hashed = new Uint8Array(16 + text.length);
  hashed.set(NAMESPACE.replaceAll("-", "").match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []);
  hashed.set(text, 16);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", hashed)).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
