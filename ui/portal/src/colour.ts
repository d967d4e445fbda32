/** The colours as a citizen knows them. */
import type { AmberName, WireColour } from "./wire";

/** What the screen says; the two names of amber are two colours to a person. */
export type ColourName = "green" | "orange" | "yellow" | "red" | "withdrawn";

export function colourName(of: { colour: WireColour; amber_name: AmberName }): ColourName {
  return of.colour === "amber" ? of.amber_name : of.colour;
}

/** The facts this page has words for; anything newer is told in general words. */
const FACT_KINDS = [
  "fever-clinic",
  "high-incidence-area",
  "confirmed",
  "suspected",
  "close-contact",
  "sealed-compound",
  "antipyretic",
  "test-positive",
  "mixed-tube-positive",
  "discharged",
  "secondary-contact",
  "entrant",
  "cold-chain",
  "mid-risk-area",
  "investigation",
  "pop-up",
] as const;
export type FactKind = (typeof FACT_KINDS)[number] | "other";

export function factKind(kind: string): FactKind {
  return FACT_KINDS.find((each) => each === kind) ?? "other";
}
