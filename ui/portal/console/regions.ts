/** How it stands with another region, in one word; and the numbers that regions have. */
import { OTHER_PROVINCES } from "../src/areas";
import type { Region, RegionsAnswer } from "./wire";

/** `live`: colours are answered. `old`: codes are verified, colours not known. `new`: nothing known yet. */
export type RegionState = "live" | "old" | "new";

export function regionState(region: Region, { at, live_seconds }: Pick<RegionsAnswer, "at" | "live_seconds">): RegionState {
  if (!region.trusted) return "new";
  if (region.list_of === null) return "old";
  const seconds = (new Date(at).getTime() - new Date(region.list_of).getTime()) / 1000;
  return seconds <= live_seconds ? "live" : "old";
}

export interface KnownRegion {
  issuer: number;
  name: { zh: string; en: string };
}

/** The national platform, and the provinces by the first two digits of GB/T 2260. */
export const KNOWN_REGIONS: readonly KnownRegion[] = [
  { issuer: 0, name: { zh: "国家政务服务平台", en: "National platform" } },
  ...OTHER_PROVINCES.map(({ code, zh, en }) => ({ issuer: Number(code.slice(0, 2)), name: { zh, en } })),
];

const KEY = /^[0-9a-f]{64}$/i;

/** Digits in groups of four, as they are read out on the telephone. */
export function inFours(key: string): string {
  return (key.match(/.{1,4}/g) ?? []).join(" ");
}

/** The key as the authority takes it; null when it is none. Spaces of reading it out are left away. */
export function readKey(typed: string): string | null {
  const key = typed.replace(/\s+/g, "");
  return KEY.test(key) ? key.toLowerCase() : null;
}
