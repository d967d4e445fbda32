/** The places of the console, what one must be allowed to see them, and which one the address asks for. */
import type { ShapeName } from "@yanma/shared";

export const PLACES = [
  "overview",
  "facts",
  "appeals",
  "holders",
  "traces",
  "entries",
  "rules",
  "policies",
  "stations",
  "sites",
  "regions",
  "people",
  "audit",
] as const;
export type Place = (typeof PLACES)[number];

const SHAPES: Record<Place, ShapeName> = {
  overview: "online",
  facts: "outbox",
  appeals: "speech",
  holders: "person",
  traces: "search",
  entries: "log",
  rules: "check",
  policies: "amended",
  stations: "devices",
  sites: "place",
  regions: "globe",
  people: "settings",
  audit: "folder",
};

/** Hiding a place spares people a refusal; what they may do is decided by the authority. */
const NEEDS: Record<Place, string> = {
  overview: "see-statistics",
  facts: "report-facts",
  appeals: "decide-appeals",
  holders: "find-holders",
  traces: "trace",
  entries: "read-entries",
  rules: "see-rules",
  policies: "see-policies",
  stations: "see-stations",
  sites: "see-sites",
  regions: "see-regions",
  people: "manage-clerks",
  audit: "read-audit",
};

export function placesOf(rights: readonly string[]): { place: Place; shape: ShapeName }[] {
  return PLACES.filter((place) => rights.includes(NEEDS[place])).map((place) => ({ place, shape: SHAPES[place] }));
}

export function placeOf(hash: string, rights: readonly string[]): Place | null {
  const name = hash.replace(/^#\/?/, "");
  const seen = placesOf(rights);
  return seen.find((each) => each.place === name)?.place ?? seen[0]?.place ?? null;
}

/** The address after `#`, kept in step with the browser's back button. */
export class Address {
  hash = $state("");

  constructor(target: Window) {
    this.hash = target.location.hash;
    target.addEventListener("hashchange", () => (this.hash = target.location.hash));
  }
}
