/** What the citizen part of the authority says: the JSON of `/v1`, and nothing derived from it. */

/** The kinds of document a person may register with; the order in which the form offers them. */
export const DOCUMENT_TYPES = [
  "resident-id",
  "hk-macau-residence",
  "taiwan-residence",
  "permanent-residence",
  "home-return",
  "mainland-taiwan",
  "passport-foreign",
  "passport-cn",
  "exit-hk-macau",
  "exit-taiwan",
] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

/** The two bits of a colour; the scheme in force says what amber is called. */
export type WireColour = "green" | "amber" | "red" | "withdrawn";
export type AmberName = "orange" | "yellow";

/** Who somebody is, masked. */
export interface Person {
  name_masked: string;
  document_masked: string;
  document_type: DocumentType;
}

/** How well somebody is known: name and number, and a code by SMS, and a live face. */
export type AccountLevel = "register-match" | "sms" | "face";

export interface Account extends Person {
  level: AccountLevel;
}

/** One fact behind a colour. Times are RFC 3339; `until` is null while nothing ends it. */
export interface Because {
  kind: string;
  /** The condition in the words of the rules in force. */
  reason: { zh: string; en: string };
  since: string;
  until: string | null;
}

/** The three groups of claims. */
export type ClaimGroup = "resident" | "other-province" | "abroad";

/** Where a person comes from, and what that group declares. Areas are six digits of GB/T 2260. */
export type Origin =
  | { group: "resident" }
  | { group: "other-province"; departure: string; household: string; home_code?: string }
  | { group: "abroad"; contact?: string };

/** How it stands with the colour at home of somebody from another province. */
export interface HomeColour {
  issuer: number;
  /** Null when the region is not recognised here. */
  name: { zh: string; en: string } | null;
  state: "asking" | "known" | "unknown" | "could-not-ask";
  colour: WireColour | null;
  amber_name: AmberName | null;
  until: string | null;
  answered_at: string | null;
  again_at: string | null;
}

export interface Holder {
  colour: WireColour;
  amber_name: AmberName;
  since: string | null;
  because: Because[];
  shown_count: number;
  claimed_at: string;
  group: ClaimGroup;
  /** Left out where there is none. */
  home?: HomeColour[];
}

export interface Me {
  account: Account;
  holder: Holder | null;
}

/** What a family member is to the account's own person. */
export const RELATIONS = ["parent", "child", "spouse", "relative"] as const;
export type Relation = (typeof RELATIONS)[number];

/** Somebody of the family whose code this account claimed. */
export interface FamilyMember extends Person {
  /** Eight hexadecimal digits. */
  id: string;
  relation: Relation;
  holder: Holder;
}

export interface FamilyClaim {
  relation: Relation;
  document_type: DocumentType;
  number: string;
  name: string;
  /** `YYYY-MM-DD`, for numbers that do not tell it. */
  born?: string;
  from: Origin;
}

/** One showing of the code. `text` is what the QR symbol says. */
export interface Shown {
  text: string;
  colour: WireColour;
  amber_name: AmberName;
  name_masked: string;
  document_masked: string;
  issued_at: string;
  expires_at: string;
  lifetime_seconds: number;
  shown_count: number;
}

/** A fact as it stands in a history; `id` at the console only. */
export interface FactThen {
  kind: string;
  occurred_at: string;
  /** Null where the rules have no words for it, as for a clearance or a test. */
  words: { zh: string; en: string } | null;
  id?: string;
}

/** What was reported when a colour changed; a retraction takes back a fact. */
export interface ReportThen {
  fact: FactThen;
  takes_back: FactThen | null;
}

/** How a colour came about. */
export type Beginning =
  | { by: "unknown" | "claim" | "time" | "rules" | "withdrawal" }
  | { by: "report"; reports: ReportThen[] };

/** A colour for a time. */
export interface ColourPeriod {
  colour: WireColour;
  /** What amber was called then. */
  amber_name: AmberName;
  since: string;
  /** Null for the colour of now. */
  until: string | null;
  foreseen_until: string | null;
  because: Because[];
  began: Beginning;
  /** The rules of that time. */
  scheme: { id: string; version: number; name: { zh: string; en: string }; since: string; until: string | null } | null;
  /** Ids of facts, at the console only. */
  facts?: string[];
}

/** The colours that a code had, the newest first. */
export interface ColourHistory {
  periods: ColourPeriod[];
  /** Whether it goes back to the claim. */
  complete: boolean;
}

/** A code on paper, which lasts for months. */
export interface Paper {
  issued_at: string;
  expires_at: string;
  name_masked: string;
  document_masked: string;
  /** The colour now. The paper does not say it: a desk does. */
  colour: WireColour;
}

/** What a paper code is printed for. */
export type SheetSize = "a6" | "card";

/** A contested colour (纠错). */
export interface Appeal {
  id: string;
  state: "open" | "granted" | "declined";
  words: string;
  opened_at: string;
  decided_at: string | null;
  answer: string | null;
  /** It was granted, and that was set aside: it stands a second time, declined. */
  set_aside: boolean;
  /** The family member it is about; null for the account's own person. */
  member: string | null;
}

/** Characters of an appeal. */
export const APPEAL_WORDS = { fewest: 10, most: 500 } as const;

export interface Registration {
  document_type: DocumentType;
  number: string;
  name: string;
  phone: string;
  password: string;
}

export interface Credentials {
  phone: string;
  password: string;
}
