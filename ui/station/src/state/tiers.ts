import type { Tier } from "../platform/views";

/** The tag's tone for each tier of the data's age. */
export const TIER_TONE = {
  live: "tier-live",
  normal: "tier-normal",
  old: "tier-old",
  tooOld: "tier-too-old",
  none: "tier-none",
} as const satisfies Record<Tier, string>;
