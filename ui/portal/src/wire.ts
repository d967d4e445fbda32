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

export interface Account {
  name_masked: string;
  document_masked: string;
  document_type: DocumentType;
  level: string;
}

/** One fact behind a colour. Times are RFC 3339; `until` is null while nothing ends it. */
export interface Because {
  kind: string;
  since: string;
  until: string | null;
}

export interface Holder {
  colour: WireColour;
  amber_name: AmberName;
  since: string | null;
  because: Because[];
  shown_count: number;
  claimed_at: string;
}

export interface Me {
  account: Account;
  holder: Holder | null;
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
