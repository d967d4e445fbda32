/** The authority, as the console calls it with a clerk's or a department's token. */
import { caller, type Call } from "../src/api";
import type { EnrolmentRequest, Enrolment, EntriesPage, FactReport, FactResult } from "./wire";

/** Most facts in one request. */
export const MAX_FACTS = 1_000;
const ENTRIES_A_PAGE = 100;

export interface ConsoleAuthority {
  report(facts: readonly FactReport[]): Promise<FactResult[]>;
  enrolment(request: EnrolmentRequest): Promise<Enrolment>;
  entries(after: number, limit?: number): Promise<EntriesPage>;
}

/** A thousand facts are checked one by one: more time than a citizen's tap may take. */
const TIMEOUT_MS = 30_000;

export function consoleAuthority(token: string, fetcher?: typeof fetch): ConsoleAuthority {
  const call: Call = caller(fetcher, TIMEOUT_MS, token);
  return {
    report: async (facts) => (await call<{ results: FactResult[] }>("POST", "/v1/facts", { facts })).results,
    enrolment: (request) => call("POST", "/v1/enrolments", request),
    entries: (after, limit = ENTRIES_A_PAGE) => call("GET", `/v1/entries?after=${after}&limit=${limit}`),
  };
}
