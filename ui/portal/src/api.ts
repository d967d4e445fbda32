/**
 * The authority, as the pages call it.
 *
 * Every call either answers with the documented body or throws a `Refusal`; nothing else leaves
 * this file. Nothing is logged here: requests carry names, numbers and passwords.
 */
import type {
  Account,
  Appeal,
  ColourHistory,
  Credentials,
  FamilyClaim,
  FamilyMember,
  Holder,
  Me,
  Origin,
  Paper,
  Registration,
  SheetSize,
  Shown,
} from "./wire";

/** The authority's own codes that this page may meet. */
const AUTHORITY_CODES = [
  "bad-request",
  "bad-field",
  "unauthorised",
  "forbidden",
  "not-found",
  "conflict",
  "not-registered",
  "already-claimed",
  "parents-full",
  "children-full",
  "spouse-full",
  "relatives-full",
  "parent-too-young",
  "child-too-old",
  "age-unknown",
  "own-person",
  "no-arrival",
  "arrived-too-early",
  "claim-from-abroad",
  "claim-from-elsewhere",
  "household-here",
  "home-code-unknown",
  "home-code-old",
  "home-code-other",
  "nothing-to-contest",
  "appeal-open",
  "appeal-decided",
  "appeal-changed",
  "identity-level",
  "identity-not-offered",
  "identity-differs",
  "identity-unavailable",
  "second-factor-to-set-up",
  "second-factor-to-show",
  "second-factor-wrong",
  "too-large",
  "rate-limited",
  "unsupported-version",
  "internal",
  "unavailable",
] as const;

/** What went wrong: the authority's code, or one of three that arise on the way. */
export type RefusalCode =
  | (typeof AUTHORITY_CODES)[number]
  /** No answer: no network, or the authority is not reachable. */
  | "network"
  /** No answer in time. */
  | "timeout"
  /** An answer that is not the authority's: a portal's login page, a proxy's error. */
  | "bad-answer";

const PASSING: readonly RefusalCode[] = [
  "network",
  "timeout",
  "bad-answer",
  "rate-limited",
  "internal",
  "unavailable",
  "identity-unavailable",
];

export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    /** The field of the request that is wrong, as the authority names it. */
    readonly field: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(code);
    this.name = "Refusal";
  }

  /** Trying the same again later may succeed without the person doing anything. */
  get passing(): boolean {
    return PASSING.includes(this.code);
  }
}

export interface Authority {
  register(registration: Registration): Promise<Account>;
  login(credentials: Credentials): Promise<Account>;
  logout(): Promise<void>;
  me(): Promise<Me>;
  claim(from: Origin): Promise<Holder>;
  family(): Promise<FamilyMember[]>;
  claimForFamily(claim: FamilyClaim): Promise<FamilyMember>;
  /** A fresh code: one's own, or with an id that of a family member. */
  show(member: string | null): Promise<Shown>;
  withdraw(member: string | null): Promise<void>;
  /** The paper code in force, or null. */
  paper(member: string | null): Promise<Paper | null>;
  /** Makes a paper code; the one before stops working. */
  makePaper(member: string | null): Promise<Paper>;
  /** Ends the paper code; false when there was none any more. */
  withdrawPaper(member: string | null): Promise<boolean>;
  /** Sends a code to the account's telephone. */
  sendSms(): Promise<void>;
  checkSms(code: string): Promise<Account>;
  /** A JPEG in base64 of the person who holds the phone. */
  compareFace(image: string): Promise<Account>;
  /** The colours that a code had, and why. */
  history(member: string | null): Promise<ColourHistory>;
  appeals(): Promise<Appeal[]>;
  appeal(member: string | null, words: string): Promise<Appeal>;
}

/** Long enough for a slow mobile network, short enough for a queue. */
const TIMEOUT_MS = 12_000;

export type Call = <T>(method: Method, path: string, body?: object) => Promise<T>;

/** A page of CSV as the authority writes it, and where the next one begins. */
export interface CsvPage {
  text: string;
  next: string | null;
}

type Method = "GET" | "POST" | "PUT";
type Send = (accept: string, method: Method, path: string, body?: object) => Promise<{ answer: Response; text: string }>;

/** Calls on this page's own origin; with `token`, as whoever it was handed to. */
export function caller(fetcher?: typeof fetch, timeoutMs?: number, token?: string): Call {
  const send = sender(fetcher, timeoutMs, token);
  return async <T>(method: Method, path: string, body?: object): Promise<T> => {
    const { answer, text } = await send("application/json", method, path, body);
    return (answer.status === 204 ? undefined : record(text)) as T;
  };
}

/** The same, for what is answered as CSV. */
export function csvCaller(fetcher?: typeof fetch, timeoutMs?: number, token?: string): (path: string) => Promise<CsvPage> {
  const send = sender(fetcher, timeoutMs, token);
  return async (path) => {
    const { answer, text } = await send("text/csv", "GET", path);
    if (!answer.headers.get("content-type")?.startsWith("text/csv")) throw new Refusal("bad-answer");
    return { text, next: answer.headers.get("yanma-next") };
  };
}

/** Gives good answers with their whole body; throws a `Refusal` for everything else. */
function sender(
  fetcher: typeof fetch = (input, init) => fetch(input, init),
  timeoutMs: number = TIMEOUT_MS,
  token?: string,
): Send {
  return async (accept, method, path, body) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const answer = await fetcher(path, {
        method,
        credentials: "same-origin",
        cache: "no-store",
        headers: {
          accept,
          "yanma-protocol": "1",
          ...(body && { "content-type": "application/json" }),
          ...(token && { authorization: `Bearer ${token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: abort.signal,
      });
      // The body is read under the same timer: a stalled body is no answer either.
      const text = await answer.text();
      if (!answer.ok) throw refusalOf(text);
      return { answer, text };
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      throw new Refusal(abort.signal.aborted ? "timeout" : "network");
    } finally {
      clearTimeout(timer);
    }
  };
}

export function httpAuthority(fetcher?: typeof fetch, timeoutMs?: number): Authority {
  const call = caller(fetcher, timeoutMs);
  return {
    register: async (registration) =>
      (await call<{ account: Account }>("POST", "/v1/accounts/register", registration)).account,
    login: async (credentials) =>
      (await call<{ account: Account }>("POST", "/v1/accounts/login", credentials)).account,
    logout: () => call("POST", "/v1/accounts/logout", {}),
    me: () => call("GET", "/v1/me"),
    claim: (from) => call("POST", "/v1/claims", { from }),
    family: async () => (await call<{ members: FamilyMember[] }>("GET", "/v1/family")).members,
    claimForFamily: (claim) => call("POST", "/v1/family", claim),
    show: (member) => call("POST", "/v1/shows", whose(member)),
    withdraw: (member) => call("POST", "/v1/holder/withdraw", whose(member)),
    paper: async (member) => {
      try {
        return await call<Paper>("GET", `/v1/papers${query(member)}`);
      } catch (cause) {
        if (cause instanceof Refusal && cause.code === "not-found") return null;
        throw cause;
      }
    },
    makePaper: (member) => call("POST", "/v1/papers", whose(member)),
    withdrawPaper: async (member) => {
      try {
        await call("POST", "/v1/papers/withdraw", whose(member));
        return true;
      } catch (cause) {
        if (cause instanceof Refusal && cause.code === "not-found") return false;
        throw cause;
      }
    },
    sendSms: () => call("POST", "/v1/identity/sms", {}),
    checkSms: async (code) =>
      (await call<{ account: Account }>("POST", "/v1/identity/sms/check", { code })).account,
    compareFace: async (image) =>
      (await call<{ account: Account }>("POST", "/v1/identity/face", { image })).account,
    history: (member) => call("GET", `/v1/holder/history${query(member)}`),
    appeals: async () => (await call<{ appeals: Appeal[] }>("GET", "/v1/appeals")).appeals,
    appeal: (member, words) => call("POST", "/v1/appeals", { ...whose(member), words }),
  };
}

function whose(member: string | null): object {
  return member === null ? {} : { member };
}

function query(member: string | null): string {
  return member === null ? "" : `?member=${member}`;
}

/** Where the sheet to print lies: the browser opens it itself. */
export function sheetHref(member: string | null, size: SheetSize): string {
  return `/v1/papers/sheet.pdf?${member === null ? "" : `member=${member}&`}size=${size}`;
}

/** The JSON object in a body, or `bad-answer`. */
function record(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal("bad-answer");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("bad-answer");
  }
  return value as Record<string, unknown>;
}

function refusalOf(text: string): Refusal {
  const { code, field, retry_after_seconds: retry } = record(text);
  const known = AUTHORITY_CODES.find((each) => each === code);
  if (!known) return new Refusal("bad-answer");
  return new Refusal(
    known,
    typeof field === "string" ? field : null,
    typeof retry === "number" && retry >= 0 ? retry : null,
  );
}
