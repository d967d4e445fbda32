/** The places of the console, who sees them, and which one the address asks for. */
import type { ShapeName } from "@yanma/shared";
import type { Role } from "./session.svelte";

export const PLACES = ["facts", "stations", "entries"] as const;
export type Place = (typeof PLACES)[number];

const SHAPES: Record<Place, ShapeName> = { facts: "outbox", stations: "place", entries: "log" };

/** Hiding a place spares people a refusal; what they may do is decided by the authority. */
const SEEN_BY: Record<Place, readonly Role[]> = {
  facts: ["clerk", "department"],
  stations: ["clerk"],
  entries: ["clerk"],
};

export function placesOf(role: Role): { place: Place; shape: ShapeName }[] {
  return PLACES.filter((place) => SEEN_BY[place].includes(role)).map((place) => ({ place, shape: SHAPES[place] }));
}

export function placeOf(hash: string, role: Role): Place {
  const name = hash.replace(/^#\/?/, "");
  const seen = placesOf(role);
  return seen.find((each) => each.place === name)?.place ?? seen[0]?.place ?? "facts";
}

/** The address after `#`, kept in step with the browser's back button. */
export class Address {
  hash = $state("");

  constructor(target: Window) {
    this.hash = target.location.hash;
    target.addEventListener("hashchange", () => (this.hash = target.location.hash));
  }
}
