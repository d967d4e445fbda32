/** The authority, as the console calls it with a clerk's or a department's token. */
import { caller, csvCaller, type Call, type CsvPage } from "../src/api";
import type { SchemeFile } from "./rules";
import type {
  AppealDecision,
  AuditPage,
  Bound,
  Clerk,
  Confirmed,
  Days,
  DecidedAppealsPage,
  EndedAccount,
  Enrolment,
  EnrolmentRequest,
  EntriesPage,
  FactReport,
  FactResult,
  HolderFound,
  HolderHistory,
  Me,
  OpenAppeal,
  OpenAppealsPage,
  Policy,
  Proof,
  Region,
  RegionRequest,
  RegionsAnswer,
  Revealed,
  Role,
  Rules,
  SearchBy,
  SessionOpened,
  SetUpAnswer,
  Site,
  Station,
  StationsAnswer,
  Statistics,
  Subject,
  TraceAsk,
  TracePage,
  TypedDocument,
} from "./wire";

/** Most facts in one request. */
export const MAX_FACTS = 1_000;
const ENTRIES_A_PAGE = 100;
const DECIDED_A_PAGE = 25;

/** Rows on a page that is looked at, and on one that goes into a file. */
export const PAGE = 100;
export const FILE_PAGE = 1_000;

export interface ConsoleAuthority {
  me(): Promise<Me>;
  setUp(): Promise<SetUpAnswer>;
  confirm(code: string): Promise<Confirmed>;
  openSession(proof: Proof): Promise<SessionOpened>;
  signOut(): Promise<void>;
  statistics(): Promise<Statistics>;
  /** The same as a table, ratios in per cent. */
  statisticsCsv(): Promise<CsvPage>;
  days(days: number): Promise<Days>;
  rules(): Promise<Rules>;
  putRules(scheme: SchemeFile, reason: string): Promise<Rules>;
  policies(): Promise<Policy[]>;
  /** `policy.version` is one above the one in force. */
  putPolicy(policy: Policy, reason: string): Promise<Policy>;
  stations(): Promise<StationsAnswer>;
  revokeStation(id: string, reason: string): Promise<Station>;
  sites(): Promise<Site[]>;
  putSite(id: string, site: Pick<Site, "name" | "scene">): Promise<Site>;
  regions(): Promise<RegionsAnswer>;
  putRegion(issuer: number, request: RegionRequest): Promise<Region>;
  removeRegion(issuer: number, reason: string): Promise<void>;
  appeals(after: string | null): Promise<OpenAppealsPage>;
  decidedAppeals(before: string | null): Promise<DecidedAppealsPage>;
  decideAppeal(appeal: OpenAppeal, decision: AppealDecision, answer: string): Promise<unknown>;
  setAppealAside(id: string, reason: string): Promise<unknown>;
  clerks(): Promise<Clerk[]>;
  createClerk(name: string, role: Role, bound: Bound): Promise<{ clerk: Clerk; token: string }>;
  revokeClerk(id: number, reason: string): Promise<Clerk>;
  search(by: SearchBy, reason: string): Promise<HolderFound[]>;
  reveal(subject: Subject, reason: string): Promise<Revealed>;
  withdraw(subject: Subject, reason: string): Promise<HolderFound>;
  endAccount(document: TypedDocument, reason: string): Promise<EndedAccount>;
  history(subject: Subject, reason: string): Promise<HolderHistory>;
  trace(ask: TraceAsk, after: string | null, limit?: number): Promise<TracePage>;
  audit(before: number | null, deed: string): Promise<AuditPage>;
  /** The same, to be taken away: the authority notes that it was. */
  auditCsv(before: string | null, deed: string): Promise<CsvPage>;
  report(facts: readonly FactReport[]): Promise<FactResult[]>;
  enrolment(request: EnrolmentRequest): Promise<Enrolment>;
  entries(after: number, limit?: number): Promise<EntriesPage>;
}

/** A thousand facts are checked one by one: more time than a citizen's tap may take. */
const TIMEOUT_MS = 30_000;

/** With a token, or with the cookie of a session that a one-time password has opened. */
export function consoleAuthority(token: string | null, fetcher?: typeof fetch): ConsoleAuthority {
  const call: Call = caller(fetcher, TIMEOUT_MS, token ?? undefined);
  const callCsv = csvCaller(fetcher, TIMEOUT_MS, token ?? undefined);
  const auditPath = (limit: number, before: number | string | null, deed: string) =>
    `/v1/audit?limit=${limit}&before=${before ?? ""}&deed=${encodeURIComponent(deed)}`;
  return {
    me: () => call("GET", "/v1/clerks/me"),
    setUp: () => call("POST", "/v1/clerks/me/second-factor", {}),
    confirm: (code) => call("POST", "/v1/clerks/me/second-factor/confirm", { code }),
    openSession: (proof) => call("POST", "/v1/clerks/me/session", proof),
    signOut: () => call("POST", "/v1/clerks/me/sign-out", {}),
    statistics: () => call("GET", "/v1/statistics"),
    statisticsCsv: () => callCsv("/v1/statistics.csv"),
    days: (days) => call("GET", `/v1/statistics/days?days=${days}`),
    rules: () => call("GET", "/v1/rules"),
    putRules: (scheme, reason) => call("POST", "/v1/rules", { scheme, reason }),
    policies: async () => (await call<{ policies: Policy[] }>("GET", "/v1/policies")).policies,
    putPolicy: (policy, reason) => call("PUT", `/v1/policies/${encodeURIComponent(policy.id)}`, { policy, reason }),
    stations: () => call("GET", "/v1/stations"),
    revokeStation: (id, reason) => call("POST", `/v1/stations/${encodeURIComponent(id)}/revoke`, { reason }),
    sites: async () => (await call<{ sites: Site[] }>("GET", "/v1/sites")).sites,
    putSite: (id, site) => call("PUT", `/v1/sites/${encodeURIComponent(id)}`, site),
    regions: () => call("GET", "/v1/regions"),
    putRegion: (issuer, request) => call("PUT", `/v1/regions/${issuer}`, request),
    removeRegion: (issuer, reason) => call("POST", `/v1/regions/${issuer}/remove`, { reason }),
    appeals: (after) => call("GET", `/v1/console/appeals?limit=${PAGE}&after=${after ?? ""}`),
    decidedAppeals: (before) => call("GET", `/v1/console/decided-appeals?limit=${DECIDED_A_PAGE}&before=${before ?? ""}`),
    decideAppeal: ({ id, facts_tag }, decision, answer) =>
      call("POST", `/v1/console/appeals/${encodeURIComponent(id)}`, { decision, facts_tag, answer }),
    setAppealAside: (id, reason) =>
      call("POST", `/v1/console/decided-appeals/${encodeURIComponent(id)}/set-aside`, { reason }),
    clerks: async () => (await call<{ clerks: Clerk[] }>("GET", "/v1/clerks")).clerks,
    createClerk: (name, role, bound) => call("POST", "/v1/clerks", { name, role, ...bound }),
    revokeClerk: (id, reason) => call("POST", `/v1/clerks/${id}/revoke`, { reason }),
    search: async (by, reason) =>
      (await call<{ holders: HolderFound[] }>("POST", "/v1/holders/search", { by, reason })).holders,
    reveal: (subject, reason) => call("POST", "/v1/holders/reveal", { subject, reason }),
    withdraw: (subject, reason) => call("POST", "/v1/holders/withdraw", { subject, reason }),
    endAccount: (document, reason) => call("POST", "/v1/holders/end-account", { document, reason }),
    history: (subject, reason) => call("POST", "/v1/holders/history", { subject, reason }),
    trace: ({ kind, from, until, reason, ...ask }, after, limit = PAGE) =>
      call("POST", `/v1/traces/${kind}`, { ...ask, span: { from, until, reason, limit, ...(after && { after }) } }),
    audit: (before, deed) => call("GET", auditPath(PAGE, before, deed)),
    auditCsv: (before, deed) => callCsv(auditPath(FILE_PAGE, before, deed)),
    report: async (facts) => (await call<{ results: FactResult[] }>("POST", "/v1/facts", { facts })).results,
    enrolment: (request) => call("POST", "/v1/enrolments", request),
    entries: (after, limit = ENTRIES_A_PAGE) => call("GET", `/v1/entries?after=${after}&limit=${limit}`),
  };
}
