/** What the authority of the console's tests knows. */
import type { Entry, HolderFound, Policy, Visit } from "./wire";

export const ENTRY: Entry = {
  id: "0197f7a0-0000-7000-8000-000000000001",
  station: "st-1",
  at: "2020-07-10T06:05:00Z",
  scene: "general",
  decision: "refuse",
  reasons: ["C-ORANGE"],
  colour: "amber",
  method: ["code"],
  action: "none",
  basis: { online: true, age_seconds: 60, policy: "general 1" },
  received_at: "2020-07-10T06:05:01Z",
};

export const CLERK = ["report-facts", "read-entries", "find-holders", "withdraw-codes", "end-accounts", "enrol-stations", "see-stations", "see-sites"];

export const HOTEL: Policy = {
  id: "hotel",
  version: 3,
  name: { zh: "酒店", en: "Hotel" },
  freshness: { live_minutes: 15, normal_minutes: 240, limit_minutes: 1440, old_green: "admit" },
  code: { skew_seconds: 60, grace_seconds: 15, longest_life_days: 128, expired: "refuse" },
  colours: { amber: "refer", red: "refuse", withdrawn: "refuse" },
  identity: { document_with_code: true, no_code: "refer" },
};

export const SUBJECT = { issuer: 35, index: 1204 };

export const FOUND: HolderFound = {
  subject: SUBJECT,
  name_masked: "样*明",
  document_type: "resident-id",
  document_masked: "3501**********0004",
  colour: "green",
  colour_since: "2020-07-09T02:05:00Z",
  claimed_at: "2020-07-01T02:00:00Z",
  withdrawn_at: null,
  group: "resident",
  family: false,
  city: 3501,
};

export const ENDED = { colour: "withdrawn", withdrawn_at: "2020-07-10T06:05:00Z" } as const;

/** The second puts the first right, and came a day late. */
export const visit = (n: number): Visit => ({
  id: `0197f7a0-0000-7000-8000-00000000000${n}`,
  at: "2020-07-10T06:05:00Z",
  received_at: n === 1 ? "2020-07-10T06:05:02Z" : "2020-07-11T06:05:00Z",
  amends: n === 1 ? null : "0197f7a0-0000-7000-8000-000000000001",
  site: "north-gate",
  station: "desk-1",
  station_name: "=HYPERLINK()",
  subject: SUBJECT,
  name_masked: "样*明",
  colour_then: "green",
  colour_now: "amber",
  decision: "admit",
  action: "none",
});
