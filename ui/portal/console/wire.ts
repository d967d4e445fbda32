/** What the authority says to clerks and departments: the JSON of `/v1`, and nothing derived from it. */
import type { SchemeFile } from "./rules";
import type { AmberName, Because, ClaimGroup, ColourHistory, DocumentType, Origin, WireColour } from "../src/wire";

/** What departments report; the order in which the console explains it. */
export const FACT_KINDS = [
  "fever-clinic",
  "high-incidence-area",
  "confirmed",
  "suspected",
  "close-contact",
  "sealed-compound",
  "antipyretic",
  "test-positive",
  "mixed-tube-positive",
  "test-negative",
  "vaccination",
  "discharged",
  "secondary-contact",
  "entrant",
  "cold-chain",
  "mid-risk-area",
  "investigation",
  "pop-up",
  "cleared",
  "retraction",
] as const;
export type FactKind = (typeof FACT_KINDS)[number];
/** What a department may be bound to: whatever it reported it may take back. */
export const BOUND_KINDS = FACT_KINDS.filter((kind) => kind !== "retraction");

export interface FactReport {
  id: string;
  document_type: DocumentType;
  number: string;
  kind: FactKind;
  occurred_at: string;
  /** A note for clerks. */
  detail?: string;
  /** Of a retraction: the id of the fact that is taken back. */
  retracts?: string;
}

export interface FactResult {
  id: string | null;
  outcome: "accepted" | "duplicate" | "rejected";
  field?: string;
  reason?: string;
}

export interface EnrolmentRequest {
  site: string;
  station_name?: string;
  scene?: string;
}

export interface Enrolment {
  enrolment_code: string;
  expires_at: string;
}

export type Decision = "admit" | "refuse" | "refer";

export interface Entry {
  id: string;
  station: string;
  at: string;
  scene: string;
  decision: Decision;
  reasons: string[];
  colour?: WireColour;
  method: string[];
  action: string;
  amends?: string;
  basis: { online: boolean; age_seconds: number | null; policy: string };
  received_at: string;
}

export interface EntriesPage {
  entries: Entry[];
  next: number | null;
}

/** The order in which the console offers them. */
export const ROLES = ["clerk", "department", "epidemiologist", "site-manager", "administrator", "auditor"] as const;
export type Role = (typeof ROLES)[number];

export interface Me {
  id: number;
  name: string;
  role: Role;
  sites: string[];
  rights: string[];
  second_factor: "not-needed" | "to-set-up" | "to-show" | "shown";
}

/** The key for an app, told once. */
export interface SetUpAnswer {
  secret: string;
  uri: string;
}

export interface SessionOpened {
  expires_at: string;
  recovery_codes_left: number;
}

export interface Confirmed {
  recovery_codes: string[];
  session: SessionOpened;
}

export type Proof = { code: string } | { recovery_code: string };

/** What somebody is bound to: a site manager to sites, a department to kinds of facts. */
export type Bound = Pick<Clerk, "sites" | "kinds">;

export interface Clerk {
  id: number;
  name: string;
  role: Role;
  sites: string[];
  /** The kinds of facts that a department may report; none: every kind. */
  kinds: FactKind[];
  created_at: string;
  revoked_at: string | null;
  /** Whether an app for one-time passwords is set up. */
  second_factor: boolean;
}

export const SCENES = ["general", "hospital", "hotel", "airport"] as const;

export interface Site {
  id: string;
  name: { zh: string; en: string };
  scene: string;
  stations: number;
}

export interface Station {
  station: string;
  site: string;
  name: string;
  scene: string;
  enrolled_at: string;
  revoked_at: string | null;
  seen_at: string | null;
  version: string | null;
  list: { epoch: number; sequence: number; age_seconds: number } | null;
}

export interface StationsAnswer {
  stations: Station[];
  epoch: number;
  sequence: number;
  at: string;
}

/** A place in a status list. */
export interface Subject {
  issuer: number;
  index: number;
}

export interface TypedDocument {
  document_type: DocumentType;
  number: string;
}

/** What ended with an account. */
export interface EndedAccount {
  codes_withdrawn: number;
}

export type SearchBy =
  | { document: TypedDocument }
  | { phone: string }
  | { index: Subject };

export interface HolderFound {
  subject: Subject;
  name_masked: string;
  document_type: DocumentType;
  document_masked: string;
  colour: WireColour;
  colour_since: string;
  claimed_at: string;
  withdrawn_at: string | null;
  group: ClaimGroup;
  family: boolean;
  city: number | null;
}

export interface Revealed {
  subject: Subject;
  name: string;
  document_type: DocumentType;
  number: string;
  /** Empty when the account was ended. */
  phone: string;
  family: boolean;
  /** Null when nothing is on file. */
  declared: Origin | null;
}

/** The colours that a code had, with the ids of the facts. */
export interface HolderHistory {
  subject: Subject;
  history: ColourHistory;
}

export const TRACES = ["site", "holder", "contacts"] as const;
export type TraceKind = (typeof TRACES)[number];

/** What a trace asks, without the page. */
export interface TraceAsk {
  kind: TraceKind;
  site?: string;
  who?: SearchBy;
  within_minutes?: number;
  from: string;
  until: string;
  reason: string;
}

export interface Visit {
  id: string;
  at: string;
  received_at: string;
  /** The visit that this one puts right: the same person, once. */
  amends: string | null;
  site: string;
  station: string;
  station_name: string;
  subject: Subject | null;
  name_masked: string | null;
  colour_then: WireColour | null;
  colour_now: WireColour | null;
  decision: Decision;
  action: string;
  minutes_apart?: number;
}

export interface TracePage {
  visits: Visit[];
  next: string | null;
}

/** The figures of the briefing. Ratios are for 10,000 of the population: 4875 is 48.75 %. Without cities there are none. */
export interface Statistics {
  at: string;
  codes_issued: number;
  from_other_provinces: number;
  from_abroad: number;
  codes_in_force: number;
  times_shown: number;
  residents: number;
  population: number;
  claim_ratio: number;
  population_source: string;
  cities: { code: number; name: { zh: string; en: string }; residents: number; population: number; claim_ratio: number }[];
}

export interface AuditRecord {
  place: number;
  at: string;
  clerk: number;
  name: string;
  role: Role;
  deed: string;
  subject: string;
  reason: string | null;
  detail: Record<string, string>;
  hash: string;
}

export interface AuditPage {
  records: AuditRecord[];
  next: number | null;
}

export interface Day {
  day: string;
  shown: number;
  claimed: number;
  admitted: number;
  referred: number;
  refused: number;
  reported: number;
  /** Codes in force at the end of the day; null before that was counted. */
  amber: number | null;
  red: number | null;
}

/** What happened day by day, the oldest first, and how codes and desks are now. */
export interface Days {
  at: string;
  amber_name: "orange" | "yellow";
  colours: { green: number; amber: number; red: number };
  stations: {
    in_use: number;
    live: number;
    silent: number;
    never: number;
    lists: { live: number; normal: number; old: number; too_old: number };
  };
  shown_by_hour: number[];
  days: Day[];
}

/** The colour rules in force. */
export interface Rules {
  generation: number;
  since: string;
  /** Whether everybody has a colour by these rules by now. */
  complete: boolean;
  scheme: SchemeFile;
}

/** What the desks of a scene make of each finding. */
export interface Policy {
  id: string;
  version: number;
  name: { zh: string; en: string };
  freshness: { live_minutes: number; normal_minutes: number; limit_minutes: number; old_green: Decision };
  code: { skew_seconds: number; grace_seconds: number; longest_life_days: number; expired: Decision };
  colours: { amber: Decision; red: Decision; withdrawn: Decision };
  identity: { document_with_code: boolean; no_code: Decision };
  /** For how many days a desk keeps what happened; left away where nobody chose. */
  retention?: Retention;
}

/** For how many days after its day a desk keeps entries, and their personal parts. */
export interface Retention {
  entries_days: number;
  personal_days: number;
}

/** Why nothing new was taken from another region. */
export type TroubleKind = "unreachable" | "wrong-answer" | "refused" | "far-future";

/** Another region and how it stands with it. */
export interface Region {
  issuer: number;
  name: { zh: string; en: string };
  url: string;
  root_key: string;
  changed_at: string;
  trusted: boolean;
  code_keys: number;
  asked_at: string | null;
  list_of: string | null;
  holders: number | null;
  trouble: { kind: TroubleKind; detail: string } | null;
}

export interface RegionsAnswer {
  own: { issuer: number; name: { zh: string; en: string }; root_key: string };
  regions: Region[];
  at: string;
  live_seconds: number;
}

export interface RegionRequest {
  name: { zh: string; en: string };
  url: string;
  root_key: string;
  reason: string;
}

export type AppealDecision = "granted" | "declined";

/** A fact that an appeal is about, as it was reported. */
export interface ContestedFact {
  kind: string;
  occurred_at: string;
  reporter: string;
  /** For clerks. */
  detail: string | null;
}

/** A contested colour that waits. */
export interface OpenAppeal {
  id: string;
  name_masked: string;
  document_masked: string;
  colour: WireColour;
  amber_name: AmberName;
  because: Because[];
  /** In force as well, for a lesser colour. */
  beside: Because[];
  /** All these facts, by whom they were reported and with which note. */
  facts: ContestedFact[];
  /** Stands for all these facts; a decision sends it back. */
  facts_tag: string;
  words: string;
  opened_at: string;
  earlier: { words: string; decision: AppealDecision; decided_at: string; answer: string; set_aside: boolean }[];
}

export interface OpenAppealsPage {
  appeals: OpenAppeal[];
  next: string | null;
}

export interface DecidedAppeal {
  id: string;
  name_masked: string;
  document_masked: string;
  words: string;
  opened_at: string;
  decision: AppealDecision;
  answer: string;
  decided_at: string;
  decided_by: string;
  /** It was granted, and that was set aside: it stands a second time, declined. */
  set_aside: boolean;
}

export interface DecidedAppealsPage {
  appeals: DecidedAppeal[];
  next: string | null;
}
