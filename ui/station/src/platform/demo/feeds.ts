import type { CityView, Refusal, RegionView, Subscription, SyncProgress } from "../views";

/** What the simulated desk says of its lists, as the address wishes. */

const SYNCS: Record<string, SyncProgress> = {
  fetch: { feed: "directory", stage: "fetch", done: 12_345_678, total: 171_301_253 },
  build: { feed: "directory", stage: "build", done: 5_242_880, total: 20_710_000 },
};

const ELSEWHERE = { code: 0, name: { zh: "其他人员", en: "Everybody else" } };
const FUZHOU = { code: 3501, name: { zh: "福州市", en: "Fuzhou" } };
const QUANZHOU = { code: 3505, name: { zh: "泉州市", en: "Quanzhou" } };

const NATIONAL = { issuer: 0, name: { zh: "国家平台", en: "National platform" } };
const ZHEJIANG = { issuer: 33, name: { zh: "浙江", en: "Zhejiang" } };
const JIANGXI = { issuer: 36, name: { zh: "江西", en: "Jiangxi" } };

/** `?sync=fetch` or `?sync=build`. */
export function syncOf(wish: URLSearchParams): SyncProgress | null {
  return SYNCS[wish.get("sync") ?? ""] ?? null;
}

/** `?refused`, or why, as in `?refused=damaged`. */
export function refusalOf(wish: URLSearchParams): Refusal | null {
  return wish.has("refused") ? refused((wish.get("refused") || "foreign") as Refusal["why"]) : null;
}

/** The neighbours' lists; `?region=damaged` has one of them refused. */
export function regionsOf(wish: URLSearchParams): RegionView[] {
  const why = wish.get("region") as Refusal["why"] | null;
  return [
    { ...NATIONAL, ageSeconds: null, refusal: null },
    { ...ZHEJIANG, ageSeconds: 130, refusal: null },
    { ...JIANGXI, ageSeconds: 3 * 3600, refusal: why && refused(why) },
  ];
}

/** `?cities` has the directories of two cities, one of which is not there yet. */
export function citiesOf(wish: URLSearchParams): CityView[] {
  if (!wish.has("cities")) return [];
  return [
    { ...FUZHOU, ageSeconds: 40, documents: 2_310_000 },
    { ...QUANZHOU, ageSeconds: null, documents: 0 },
  ];
}

/** As it is set, when these cities are wanted, or the whole directory; and these regions, or all. */
export function subscribed(documents: boolean, chosen: number[] | null, wanted: number[] | null): Subscription {
  const cities = [ELSEWHERE, FUZHOU, QUANZHOU].map((it) => ({ ...it, chosen: chosen?.includes(it.code) ?? false }));
  const regions = [NATIONAL, ZHEJIANG, JIANGXI];
  return { documents, cities, regions: regions.map((it) => ({ ...it, wanted: wanted?.includes(it.issuer) ?? true })) };
}

export const SUBSCRIPTION = subscribed(true, null, null);

function refused(why: Refusal["why"]): Refusal {
  return {
    file: "status-1481-1482-9f3c0a77d1e2b845.yf",
    code: "FEED-SIG",
    why,
    instead: ["damaged", "missing"].includes(why) ? "again" : "next-head",
    keptAsOf: "2020-07-01T08:00:00Z",
  };
}
