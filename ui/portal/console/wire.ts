/** What the authority says to clerks and departments: the JSON of `/v1`, and nothing derived from it. */
import type { DocumentType, WireColour } from "../src/wire";

/** What departments report; the order in which the console explains it. */
export const FACT_KINDS = [
  "fever-clinic",
  "high-incidence-area",
  "confirmed",
  "suspected",
  "close-contact",
  "sealed-compound",
  "antipyretic",
  "cleared",
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

export interface FactReport {
  id: string;
  document_type: DocumentType;
  number: string;
  kind: FactKind;
  occurred_at: string;
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
