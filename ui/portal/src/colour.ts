/** The colours as a citizen knows them. */
import type { AmberName, WireColour } from "./wire";

/** What the screen says; the two names of amber are two colours to a person. */
export type ColourName = "green" | "orange" | "yellow" | "red" | "withdrawn";

export function colourName(of: { colour: WireColour; amber_name: AmberName }): ColourName {
  return of.colour === "amber" ? of.amber_name : of.colour;
}
