/**
 * A stand-in for the authority while the page is being worked on: `vite dev` and `vite preview`
 * only, never in the bundle. It keeps one citizen in memory and obeys switches in the query of
 * `POST /v1/mock?…`, so that every screen can be looked at:
 * `colour=green|orange|yellow|red|withdrawn`, `life=60`, `fail=network|unavailable|""`,
 * `account=0|1`, `holder=0|1`, `delay=ms`, `refuse=no-arrival` (any code, for claims),
 * `family=start|none|full`, `paper=none`, `appeal=granted|declined|none`.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { MockFamily, type SentClaim } from "./mock-family.ts";

interface Sent extends SentClaim {
  member: string;
  words: string;
  document_type: string;
  number: string;
  name: string;
  phone: string;
  password: string;
}

interface Citizen {
  signedIn: boolean;
  holds: boolean;
  colour: "green" | "orange" | "yellow" | "red" | "withdrawn";
  lifeSeconds: number;
  fail: string;
  delayMs: number;
  /** The code with which every claim is refused, or "". */
  refuseClaim: string;
  shown: number;
}

const start: Citizen = {
  signedIn: false,
  holds: false,
  colour: "green",
  lifeSeconds: 60,
  fail: "",
  delayMs: 0,
  refuseClaim: "",
  shown: 11,
};

const account = {
  name_masked: "林*安",
  document_masked: "3501**********0012",
  document_type: "resident-id",
  level: "register-match",
};

const DAY_MS = 86_400_000;

function iso(offsetMs: number): string {
  return new Date(Date.now() + offsetMs).toISOString();
}

function because(colour: Citizen["colour"]) {
  const fact = (kind: string, days: number, zh: string, en: string) => ({
    kind,
    reason: { zh, en },
    since: iso(-days * DAY_MS),
    until: iso((14 - days) * DAY_MS),
  });
  if (colour === "orange") return [
      fact("fever-clinic", 3, "14 天内曾到发热门诊就诊", "Seen at a fever clinic within 14 days"),
      fact("antipyretic", 4, "14 天内曾购买退热药", "Bought fever medicine within 14 days"),
    ];
  if (colour === "yellow") return [fact("high-incidence-area", 2, "来自疫情高发地区", "Came from an area of high incidence")];
  if (colour === "red") return [{ ...fact("confirmed", 1, "确诊病例", "Confirmed case"), until: null }];
  return [];
}

/** Claimed green, orange once and ended, orange by a mistake, and then what it is now. */
function history(colour: Citizen["colour"]) {
  const scheme = {
    id: "fujian-2020",
    version: 1,
    name: { zh: "福建 2020（绿、橙）", en: "Fujian 2020 (green, orange)" },
    since: iso(-90 * DAY_MS),
    until: null,
  };
  const contact = { zh: "密切接触者", en: "Close contact" };
  const period = (name: Citizen["colour"], from: number, until: number | null, began: object, facts: object[] = []) => ({
    ...paint(name),
    since: iso(-from * DAY_MS),
    until: until === null ? null : iso(-until * DAY_MS),
    foreseen_until: null,
    because: facts,
    began,
    scheme,
  });
  const clinic = because("orange")[0]!;
  const past = { ...clinic, since: iso(-37 * DAY_MS), until: iso(-23 * DAY_MS) };
  const fact = (kind: string, words: object | null) => ({ kind, occurred_at: iso(-11 * DAY_MS), words });
  const retraction = { fact: fact("retraction", null), takes_back: fact("close-contact", contact) };
  const near = { kind: "close-contact", reason: contact, since: iso(-12 * DAY_MS), until: iso(2 * DAY_MS) };
  const report = (...reports: object[]) => ({ by: "report", reports });
  const earlier = [
    period("green", 11, colour === "green" ? null : 3, report(retraction)),
    period("orange", 12, 11, report({ fact: fact("close-contact", contact), takes_back: null }), [near]),
    period("green", 23, 12, { by: "time" }),
    period("orange", 37, 23, report({ fact: fact("fever-clinic", clinic.reason), takes_back: null }), [past]),
    period("green", 40, 37, { by: "claim" }),
  ];
  const reports = because(colour).map(({ kind, reason }) => ({ fact: fact(kind, reason), takes_back: null }));
  const now = colour === "green" ? [] : [period(colour, 3, null, report(...reports), because(colour))];
  return { periods: [...now, ...earlier], complete: true };
}

function paint(colour: Citizen["colour"]) {
  const amber = colour === "orange" || colour === "yellow";
  return {
    colour: amber ? "amber" : colour,
    amber_name: colour === "yellow" ? "yellow" : "orange",
  };
}

/** 223 digits that change each time, so that a stale picture is seen to be stale. */
function digits(): string {
  let text = "1";
  while (text.length < 223) text += Math.floor(Math.random() * 10);
  return text;
}

export function mockAuthority(): Plugin {
  let citizen = { ...start };

  const family = new MockFamily();
  const papers = new Map<string, object>();
  const appeals: { state: string; decided_at: string | null; answer: string | null }[] = [];

  const holderOf = (colour: Citizen["colour"]) => ({
    ...paint(colour),
    since: iso(-3 * DAY_MS),
    because: because(colour),
    shown_count: citizen.shown,
    claimed_at: iso(-40 * DAY_MS),
    group: "resident",
  });
  const holder = () => (citizen.holds ? holderOf(citizen.colour) : null);

  type Member = ReturnType<MockFamily["list"]>[number];
  const memberOf = ({ colour, ...member }: Member) => ({ ...member, holder: holderOf(colour) });

  function refuse(status: number, code: string, field: string | null = null, retry: number | null = null) {
    return { status, body: { code, message: code, field, retry_after_seconds: retry } };
  }

  function answer(method: string, path: string, body: Partial<Sent>) {
    const route = `${method} ${path}`;
    if (route === "POST /v1/accounts/register") {
      if (!/^\d{17}[\dX]$/i.test(body.number ?? "") && body.document_type === "resident-id") {
        return refuse(422, "bad-field", "number");
      }
      if (!/^(1\d{10}|\+\d{6,15})$/.test(body.phone ?? "")) return refuse(422, "bad-field", "phone");
      if (body.name === "无名") return refuse(404, "not-registered");
      if (body.phone === "13800000001") return refuse(409, "conflict");
      citizen.signedIn = true;
      return { status: 201, body: { account } };
    }
    if (route === "POST /v1/accounts/login") {
      if (body.password === "wrong-one") return refuse(401, "unauthorised");
      if (body.password === "too-often") return refuse(429, "rate-limited", null, 90);
      citizen.signedIn = true;
      return { status: 200, body: { account } };
    }
    if (route === "POST /v1/accounts/logout") {
      citizen.signedIn = false;
      return { status: 204 };
    }
    if (!citizen.signedIn) return refuse(401, "unauthorised");
    if (route === "GET /v1/me") return { status: 200, body: { account, holder: holder() } };
    if (route === "POST /v1/claims") {
      if (citizen.refuseClaim) return refuse(422, citizen.refuseClaim);
      citizen.holds = true;
      return { status: 201, body: holder() };
    }
    if (route === "GET /v1/family") {
      return { status: 200, body: { members: family.list().map(memberOf) } };
    }
    if (route === "POST /v1/family") {
      if (citizen.refuseClaim) return refuse(422, citizen.refuseClaim);
      const claimed = family.claim(body);
      if ("code" in claimed) return refuse(claimed.status, claimed.code, claimed.field ?? null);
      return { status: 201, body: memberOf(claimed) };
    }
    const member = family.find(body.member);
    if (body.member && !member) return refuse(404, "not-found");
    if (route === "GET /v1/holder/history") {
      return { status: 200, body: history(member?.colour ?? citizen.colour) };
    }
    const whose = body.member ?? "";
    if (route === "GET /v1/papers") {
      const made = papers.get(whose);
      return made ? { status: 200, body: made } : refuse(404, "not-found");
    }
    if (route === "POST /v1/papers") {
      const { name_masked, document_masked } = member ?? account;
      const made = { name_masked, document_masked, colour: "green", issued_at: iso(0), expires_at: iso(180 * DAY_MS) };
      papers.set(whose, made);
      return { status: 201, body: made };
    }
    if (route === "POST /v1/papers/withdraw") {
      return papers.delete(whose) ? { status: 204 } : refuse(404, "not-found");
    }
    if (route === "GET /v1/appeals") return { status: 200, body: { appeals } };
    if (route === "POST /v1/appeals") {
      const opened = {
        id: String(appeals.length + 1),
        state: "open",
        words: body.words,
        opened_at: iso(0),
        decided_at: null as string | null,
        answer: null as string | null,
        set_aside: false,
        member: body.member ?? null,
      };
      appeals.unshift(opened);
      return { status: 201, body: opened };
    }
    if (route === "POST /v1/holder/withdraw") {
      if (member) {
        family.withdraw(member.id);
        return { status: 204 };
      }
      citizen.holds = false;
      return { status: 204 };
    }
    if (route === "POST /v1/shows") {
      if (!member && !citizen.holds) return refuse(404, "not-found");
      citizen.shown += 1;
      const person = member ?? account;
      return {
        status: 200,
        body: {
          text: `HTTPS://YM.TEST/${digits()}`,
          ...paint(member?.colour ?? citizen.colour),
          name_masked: person.name_masked,
          document_masked: person.document_masked,
          issued_at: iso(0),
          expires_at: iso(citizen.lifeSeconds * 1000),
          lifetime_seconds: citizen.lifeSeconds,
          shown_count: citizen.shown,
        },
      };
    }
    return refuse(404, "not-found");
  }

  function set(query: URLSearchParams): void {
    const appeal = query.get("appeal");
    if (appeal === "none") appeals.length = 0;
    else if (appeal) {
      const decided = { state: appeal, decided_at: iso(0), answer: "已核对医院的就诊记录。" };
      for (const each of appeals) Object.assign(each, decided);
    }
    if (query.get("paper") === "none") papers.clear();
    const members = query.get("family");
    if (members === "none" || members === "full" || members === "start") family.set(members);
    citizen = {
      ...citizen,
      colour: (query.get("colour") ?? citizen.colour) as Citizen["colour"],
      lifeSeconds: Number(query.get("life") ?? citizen.lifeSeconds),
      fail: query.get("fail") ?? citizen.fail,
      delayMs: Number(query.get("delay") ?? citizen.delayMs),
      refuseClaim: query.get("refuse") ?? citizen.refuseClaim,
      signedIn: (query.get("account") ?? (citizen.signedIn ? "1" : "0")) === "1",
      holds: (query.get("holder") ?? (citizen.holds ? "1" : "0")) === "1",
    };
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (!url.pathname.startsWith("/v1/")) {
      if (/^\/\d+$/.test(url.pathname)) request.url = "/";
      return next();
    }
    if (url.pathname === "/v1/mock") {
      set(url.searchParams);
      response.writeHead(204).end();
      return;
    }
    let text = "";
    for await (const chunk of request) text += String(chunk);
    await new Promise((resume) => setTimeout(resume, citizen.delayMs));
    if (citizen.fail === "network") {
      request.socket.destroy();
      return;
    }
    const { status, body } = citizen.fail
      ? refuse(503, citizen.fail)
      : answer(request.method ?? "GET", url.pathname, text ? JSON.parse(text) : Object.fromEntries(url.searchParams));
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(body ? JSON.stringify(body) : undefined);
  }

  return {
    name: "mock-authority",
    configureServer: (server) => {
      server.middlewares.use((q, s, n) => void serve(q, s, n));
    },
    configurePreviewServer: (server) => {
      server.middlewares.use((q, s, n) => {
        // The policy that the authority serves the page with, so that a breach shows early.
        s.setHeader("content-security-policy", "default-src 'self'");
        void serve(q, s, n);
      });
    },
  };
}
