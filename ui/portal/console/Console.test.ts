import { language } from "@yanma/shared";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../src/api";
import Console from "./Console.svelte";
import { type ConsoleAuthority, consoleAuthority } from "./authority";
import { Address } from "./places.svelte";
import { ConsoleSession } from "./session.svelte";
import { CLERK, ENDED, ENTRY, FOUND, HOTEL, SUBJECT, visit } from "./testing";
import national from "../../../assets/schemes/national-2021.json";
import type { SchemeFile } from "./rules";
import type { EnrolmentRequest, Me, Policy, Revealed, Subject, TraceAsk, TypedDocument } from "./wire";

let refusal: Refusal | null;
let enrolments: EnrolmentRequest[];
let app: ReturnType<typeof mount>;

let me: Me;
let traced: { ask: TraceAsk; after: string | null; limit: number | undefined }[];
let revealed: string[];
let withdrawn: [Subject, string][];
let ended: [TypedDocument, string][];
let declared: Revealed["declared"];
let policed: [Policy, string][] = [];
let ruled: [string, string][] = [];
let exported: [string | null, string][] = [];

const authority: ConsoleAuthority = {
  me: () => (refusal ? Promise.reject(refusal) : Promise.resolve(me)),
  setUp: () => Promise.reject(new Refusal("conflict")),
  confirm: () => Promise.reject(new Refusal("conflict")),
  openSession: () => Promise.reject(new Refusal("conflict")),
  signOut: () => Promise.resolve(),
  statistics: () =>
    Promise.resolve({
      at: "2020-07-10T06:05:00Z",
      codes_issued: 20_710_000,
      from_other_provinces: 974_522,
      from_abroad: 65_749,
      codes_in_force: 20_710_000,
      times_shown: 124_000_000,
      residents: 19_368_000,
      population: 39_730_000,
      claim_ratio: 4875,
      population_source: "统计公报",
      cities: [
        { code: 3501, name: { zh: "福州市", en: "Fuzhou" }, residents: 3_802_500, population: 7_800_000, claim_ratio: 4875 },
      ],
    }),
  statisticsCsv: () => Promise.resolve({ text: "figure,city,value,issuer,at\r\nclaim_ratio_percent,福州市,48.75,35,2020-07-10T06:05:00Z\r\n", next: null }),
  days: () =>
    Promise.resolve({
      at: "2020-07-10T06:05:00Z",
      amber_name: "orange",
      colours: { green: 20_500_000, amber: 200_000, red: 10_000 },
      stations: { in_use: 3, live: 1, silent: 1, never: 1, lists: { live: 1, normal: 1, old: 0, too_old: 0 } },
      shown_by_hour: Array.from({ length: 24 }, (_, hour) => hour * 10),
      days: [
        { day: "2020-07-09", shown: 900, claimed: 0, admitted: 7, referred: 2, refused: 1, reported: 0, amber: null, red: null },
        { day: "2020-07-10", shown: 1_234, claimed: 0, admitted: 8, referred: 3, refused: 4, reported: 0, amber: 200_000, red: 10_000 },
      ],
    }),
  policies: () => Promise.resolve([HOTEL]),
  putPolicy: (policy, reason) => {
    policed.push([policy, reason]);
    return Promise.resolve(policy);
  },
  rules: () => Promise.resolve({ generation: 1, since: "2020-07-01T00:00:00Z", complete: true, scheme: national as unknown as SchemeFile }),
  putRules: (scheme, reason) => {
    ruled.push([scheme.id, reason]);
    return Promise.resolve({ generation: 2, since: "2020-07-10T00:00:00Z", complete: false, scheme });
  },
  stations: () =>
    Promise.resolve({
      stations: [
        {
          station: "desk-1",
          site: "north-gate",
          name: "一号台",
          scene: "hotel",
          enrolled_at: "2020-07-01T00:00:00Z",
          revoked_at: null,
          seen_at: "2020-07-10T06:04:00Z",
          version: "yanma/0.1.0",
          list: { epoch: 1, sequence: 204, age_seconds: 60 },
        },
      ],
      epoch: 1,
      sequence: 204,
      at: "2020-07-10T06:05:00Z",
    }),
  revokeStation: () => Promise.reject(new Refusal("forbidden")),
  sites: () =>
    Promise.resolve([{ id: "north-gate", name: { zh: "北门", en: "North Gate" }, scene: "hotel", stations: 1 }]),
  putSite: (id, site) => Promise.resolve({ id, ...site, stations: 0 }),
  regions: () => Promise.reject(new Refusal("forbidden")),
  putRegion: () => Promise.reject(new Refusal("forbidden")),
  removeRegion: () => Promise.reject(new Refusal("forbidden")),
  appeals: () => Promise.resolve({ appeals: [], next: null }),
  decidedAppeals: () => Promise.resolve({ appeals: [], next: null }),
  decideAppeal: () => Promise.reject(new Refusal("forbidden")),
  setAppealAside: () => Promise.reject(new Refusal("forbidden")),
  clerks: () => Promise.resolve([]),
  createClerk: (name, role, bound) =>
    Promise.resolve({
      clerk: { id: 9, name, role, ...bound, created_at: "2020-07-01T00:00:00Z", revoked_at: null, second_factor: false },
      token: "0123456789abcdef",
    }),
  revokeClerk: () => Promise.reject(new Refusal("forbidden")),
  // The code on the phone, and the paper: they are withdrawn together.
  search: () =>
    Promise.resolve([FOUND, { ...FOUND, subject: { issuer: 35, index: 1205 } }].map((one) => (withdrawn.length ? { ...one, ...ENDED } : one))),
  withdraw: (subject, reason) => {
    withdrawn.push([subject, reason]);
    return Promise.resolve({ ...FOUND, ...ENDED });
  },
  endAccount: (document, reason) => {
    ended.push([document, reason]);
    return Promise.resolve({ codes_withdrawn: 3 });
  },
  history: (subject, reason) => {
    revealed.push(reason);
    const words = { zh: "密切接触者", en: "Close contact" };
    const fact = (kind: string, id: string) => ({ kind, occurred_at: "2020-07-08T02:00:00Z", words, id });
    const scheme = { id: "s", version: 2, name: { zh: "新规则", en: "New rules" }, since: "2020-07-02T00:00:00Z", until: null };
    const period = { colour: "amber", amber_name: "orange", foreseen_until: null, scheme } as const;
    return Promise.resolve({
      subject,
      history: {
        complete: false,
        periods: [
          {
            ...period,
            colour: "green",
            since: "2020-07-09T02:05:00Z",
            until: null,
            because: [],
            began: { by: "report", reports: [{ fact: fact("retraction", "fact-2"), takes_back: fact("close-contact", "fact-1") }] },
          },
          {
            ...period,
            since: "2020-07-08T02:00:00Z",
            until: "2020-07-09T02:05:00Z",
            because: [{ kind: "close-contact", reason: words, since: "2020-07-08T02:00:00Z", until: null }],
            began: { by: "report", reports: [{ fact: fact("close-contact", "fact-1"), takes_back: null }] },
            facts: ["fact-1"],
          },
        ],
      },
    });
  },
  reveal: (subject, reason) => {
    revealed.push(reason);
    return Promise.resolve({
      subject,
      name: "样本明",
      document_type: "resident-id",
      number: "350100190001010004",
      phone: "13900000000",
      family: false,
      declared,
    });
  },
  trace: (ask, after, limit) => {
    traced.push({ ask, after, limit });
    if (ask.reason === "refused") return Promise.reject(new Refusal("bad-field", "span.reason"));
    return Promise.resolve({ visits: [visit(after ? 2 : 1)], next: after ? null : "north-gate~1~1" });
  },
  audit: () => Promise.resolve({ records: [], next: null }),
  auditCsv: (before, deed) => {
    exported.push([before, deed]);
    const more = before === null;
    return Promise.resolve({ text: `place,reason\r\n${more ? '9,"two\r\nlines"' : "8,'=1+1"}\r\n`, next: more ? "9" : null });
  },
  report: (facts) => Promise.resolve(facts.map(({ id }) => ({ id, outcome: "accepted" }))),
  enrolment: (request) => {
    enrolments.push(request);
    if (refusal) return Promise.reject(refusal);
    return Promise.resolve({ enrolment_code: "ABCD-EFGH-JKLM", expires_at: "2020-07-11T06:05:00Z" });
  },
  entries: () => {
    if (refusal) return Promise.reject(refusal);
    return Promise.resolve({ entries: [ENTRY], next: null });
  },
};

const get = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);

function type(input: HTMLInputElement | null, value: string): void {
  if (!input) throw new Error("no such field");
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

const submit = (testid: string) =>
  get(testid)?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));

async function seen(testid: string): Promise<HTMLElement> {
  return vi.waitFor(() => {
    flushSync();
    const element = get(testid);
    if (!element) throw new Error(`${testid} is not there`);
    return element;
  });
}

async function go(place: string): Promise<void> {
  window.location.hash = `#/${place}`;
  window.dispatchEvent(new Event("hashchange"));
  await Promise.resolve();
  flushSync();
}

async function signIn(): Promise<void> {
  type(document.querySelector("[data-testid=token]"), " token ");
  submit("signin-form");
  await seen("signout");
}

beforeEach(() => {
  language.set("zh-CN");
  window.location.hash = "";
  refusal = null;
  me = { id: 1, name: "林样本", role: "clerk", sites: [], rights: CLERK, second_factor: "not-needed" };
  traced = [];
  exported = [];
  revealed = [];
  withdrawn = [];
  ended = [];
  declared = { group: "resident" };
  enrolments = [];
  const session = new ConsoleSession((token) => {
    expect(token).toBe("token");
    return authority;
  });
  app = mount(Console, { target: document.body, props: { session, address: new Address(window) } });
  flushSync();
});

afterEach(() => unmount(app));

it("takes no token that the authority does not know", async () => {
  refusal = new Refusal("unauthorised");
  type(document.querySelector("[data-testid=token]"), "token");
  submit("signin-form");
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).toContain("令牌不对");
  });
  expect(get("signout")).toBeNull();
});

describe("what is seen", () => {
  it("is every place for a clerk", async () => {
    await signIn();
    expect(["facts", "stations", "entries"].map((place) => get(`go-${place}`) !== null)).toEqual([true, true, true]);
  });

  it("is only the report for a department, whatever the address says", async () => {
    me = { ...me, role: "department", rights: ["report-facts"] };
    await signIn();
    await go("stations");
    expect(get("go-stations")).toBeNull();
    expect(document.querySelector("h1")?.textContent).toBe("情况上报");
  });
});

it("hands out a code once, as text and as a symbol, and forgets it on leaving", async () => {
  await signIn();
  await go("stations");
  type(document.querySelector("[name=site]"), " north-gate ");
  submit("enrolment-form");
  expect((await seen("enrolment-code")).textContent).toBe("ABCD-EFGH-JKLM");
  expect(enrolments).toEqual([{ site: "north-gate" }]);
  expect(get("enrolment")?.querySelector("svg path")).not.toBeNull();
  await go("facts");
  await go("stations");
  expect(document.body.textContent).not.toContain("ABCD-EFGH-JKLM");
});

it("says at the field that a site is not there", async () => {
  await signIn();
  await go("stations");
  refusal = new Refusal("not-found");
  type(document.querySelector("[name=site]"), "nowhere");
  submit("enrolment-form");
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector("[name=site]")?.getAttribute("aria-invalid")).toBe("true");
  });
});

it("lists entries in Beijing time with verdict and colour", async () => {
  await signIn();
  await go("entries");
  const row = (await seen("entries")).querySelector("tbody tr")?.textContent ?? "";
  for (const words of ["2020-07-10 14:05", "不放行", "橙/黄", "C-ORANGE"]) expect(row).toContain(words);
});

it("asks for the token again when it stops to count", async () => {
  await signIn();
  refusal = new Refusal("unauthorised");
  await go("entries");
  await seen("signin-form");
  expect(document.body.textContent).toContain("登录已失效");
});

describe("a trace", () => {
  const traces = async () => {
    me = { ...me, role: "epidemiologist", rights: ["trace", "find-holders", "see-sites"] };
    await signIn();
    await go("traces");
    await vi.waitFor(() => {
      flushSync();
      expect(document.querySelector("option[value=north-gate]")).not.toBeNull();
    });
  };

  it("is asked with its reason, in Beijing time, and turned page by page", async () => {
    await traces();
    type(document.querySelector("[type=datetime-local]"), "2020-07-10T08:00");
    type(document.querySelector("[name=reason]"), " 个案 7 流调 ");
    submit("trace-form");
    expect((await seen("visits")).textContent).toContain("样*明");
    expect(traced[0]?.ask).toMatchObject({
      kind: "site",
      site: "north-gate",
      from: "2020-07-10T00:00:00.000Z",
      reason: "个案 7 流调",
    });
    expect(get("visits")?.textContent).not.toMatch(/更正先前一条|收到时间/);
    get("onward")?.click();
    await vi.waitFor(() => expect(traced[1]?.after).toBe("north-gate~1~1"));
    await vi.waitFor(() => expect((flushSync(), get("visits")?.textContent)).toMatch(/更正先前一条.*收到时间/s));
  });

  it("says at the field that its reason is refused", async () => {
    await traces();
    type(document.querySelector("[name=reason]"), "refused");
    submit("trace-form");
    await vi.waitFor(() => {
      flushSync();
      expect(document.querySelector("[name=reason]")?.getAttribute("aria-invalid")).toBe("true");
    });
  });

  it("reveals one person with a reason of its own", async () => {
    await traces();
    type(document.querySelector("[name=reason]"), "个案 7 流调");
    submit("trace-form");
    const row = await seen("visits");
    row.querySelector<HTMLElement>("tbody button")?.click();
    const panel = await seen("reveal");
    expect(document.body.textContent).not.toContain("350100190001010004");
    type(panel.querySelector("[name=reason]"), "通知隔离");
    panel.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    expect((await seen("revealed-name")).textContent).toBe("样本明");
    expect(revealed).toEqual(["通知隔离"]);
  });
});

describe("a code that was found", () => {
  const found = async () => {
    await signIn();
    await go("holders");
    type(document.querySelector("[name=key]"), "35/1204");
    type(document.querySelector("[name=reason]"), "本人到窗口");
    submit("search-form");
    await seen("holders");
  };

  it("is withdrawn with a reason of its own, and the list says so of all that went with it", async () => {
    await found();
    (await seen("ask-withdraw")).click();
    const panel = await seen("withdraw");
    expect(panel.textContent).toContain("立即失效");
    type(panel.querySelector("[name=reason]"), "被他人代领");
    panel.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    expect((await seen("withdrawn")).textContent).toContain("2020-07-10 14:05");
    expect(withdrawn).toEqual([[SUBJECT, "被他人代领"]]);
    await vi.waitFor(() => expect((flushSync(), get("holders")?.textContent.match(/2020-07-10 14:05 注销/g))).toHaveLength(2));
    expect(get("ask-withdraw"), "they are withdrawn once").toBeNull();
  });

  const reveal = async () => {
    await found();
    (await seen("ask-reveal")).click();
    const panel = await seen("reveal");
    type(panel.querySelector("[name=reason]"), "通知隔离");
    panel.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await seen("revealed-name");
    return panel.textContent?.replace(/\s+/g, " ") ?? "";
  };

  it("tells where somebody from another province came from, in words where there are some", async () => {
    declared = { group: "other-province", departure: "420100", household: "110105" };
    const text = await reveal();
    expect(text).toContain("出发地湖北省武汉市");
    expect(text).toContain("户籍地110105");
  });

  it("tells the number that somebody from abroad gave", async () => {
    declared = { group: "abroad", contact: "+85290000000" };
    expect(await reveal()).toContain("在闽联系电话+85290000000");
  });

  it("tells of a resident no more than who it is", async () => {
    const text = await reveal();
    for (const words of ["出发地", "户籍地", "在闽"]) expect(text).not.toContain(words);
  });

  it("is not withdrawn by whoever only looks", async () => {
    me = { ...me, role: "epidemiologist", rights: ["trace", "find-holders"] };
    await found();
    expect(get("ask-reveal")).not.toBeNull();
    expect(get("ask-withdraw")).toBeNull();
  });
});

describe("an account", () => {
  const look = async (key: string, by: string) => {
    await signIn();
    await go("holders");
    const choice = document.querySelector("[data-testid=search-form] select")!;
    const chosen = choice.querySelector(`option[value="${by}"]`);
    // Svelte asks for `:checked`, which happy-dom knows of inputs alone.
    choice.querySelector = () => chosen;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    flushSync();
    type(document.querySelector("[name=key]"), key);
    type(document.querySelector("[name=reason]"), "本人到窗口");
    submit("search-form");
    await seen("holders");
  };

  it("is ended by the document that was looked for, with a reason of its own", async () => {
    await look("350100190001010004", "document");
    (await seen("ask-end-account")).click();
    const panel = await seen("end-account");
    expect(panel.textContent).toContain("不能恢复");
    type(panel.querySelector("[name=reason]"), "被他人冒名注册");
    panel.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    expect((await seen("account-ended")).textContent).toContain("3 个");
    expect(ended).toEqual([[{ document_type: "resident-id", number: "350100190001010004" }, "被他人冒名注册"]]);
  });

  it("is not ended of whoever was looked for by something else", async () => {
    await look("13900000000", "phone");
    expect(get("ask-end-account")).toBeNull();
  });

  it("is not ended by whoever only looks", async () => {
    me = { ...me, role: "epidemiologist", rights: ["trace", "find-holders"] };
    await look("350100190001010004", "document");
    expect(get("ask-end-account")).toBeNull();
  });
});

it("tells the colours that one code had, with a reason of its own", async () => {
  await signIn();
  await go("holders");
  type(document.querySelector("[name=key]"), "35/1204");
  type(document.querySelector("[name=reason]"), "本人来电询问");
  submit("search-form");
  (await seen("ask-history")).click();
  const panel = await seen("history");
  expect(panel.querySelector("table"), "nothing is told without a reason").toBeNull();
  type(panel.querySelector("[name=reason]"), "核对申诉");
  panel.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  const text = (await seen("periods")).textContent?.replace(/\s+/g, " ") ?? "";
  expect(text).toContain("“密切接触者”的上报已撤回");
  expect(text).toContain("2020-07-08 10:00");
  expect(text).toContain("fact-1");
  expect(text).toContain("第 2 版");
  expect(revealed).toEqual(["核对申诉"]);
});

it("shows how each desk is", async () => {
  await signIn();
  await go("stations");
  const row = (await seen("stations")).querySelector("tbody tr")?.textContent ?? "";
  for (const words of ["一号台", "yanma/0.1.0", "1.204", "1 分钟前"]) expect(row).toContain(words);
});

it("shows a new token once", async () => {
  me = { ...me, role: "administrator", rights: ["manage-clerks", "see-sites"] };
  await signIn();
  await go("people");
  type((await seen("person-form")).querySelector("[name=name]"), "新人");
  submit("person-form");
  expect((await seen("made-token")).textContent).toBe("0123456789abcdef");
  await go("sites");
  await go("people");
  expect(document.body.textContent).not.toContain("0123456789abcdef");
});

it("shows the figures of the briefing as it writes them", async () => {
  me = { ...me, role: "auditor", rights: ["see-statistics", "read-audit"] };
  await signIn();
  const figures = (await seen("figures")).textContent ?? "";
  for (const words of ["20,710,000", "2,071 万", "1.24 亿", "48.75 %"]) expect(figures).toContain(words);
  for (const words of ["974,522", "65,749", "福州市"]) expect(document.body.textContent).toContain(words);
});

it("draws what happened day by day, in words as well, and reads each column with the keys", async () => {
  me = { ...me, role: "auditor", rights: ["see-statistics", "read-audit"] };
  await signIn();
  const charts = await seen("charts");
  for (const words of ["橙码 200,000", "红码 10,000", "放行 8", "不放行 4"]) expect(charts.textContent).toContain(words);
  expect((await seen("colours")).textContent).toContain("0.05 %");
  const drawing = charts.querySelector('svg[aria-label="每日亮码"]');
  const chosen = () => drawing?.querySelector('[aria-selected="true"]')?.getAttribute("aria-label") ?? "";
  expect(chosen()).toContain("亮码 1,234");
  drawing?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  flushSync();
  expect(chosen()).toContain("亮码 900");
  expect(charts.querySelector('svg[aria-label="每日申领"]')).toBeNull();
  expect(charts.textContent).toContain("这段时间还没有数据");
});

it("tells the rules in words and puts others in force with a reason", async () => {
  me = { ...me, role: "administrator", rights: ["see-rules", "put-rules"] };
  await signIn();
  const table = await seen("scheme");
  for (const words of ["密切接触者", "红码 · 7 天", "黄码 · 3 天", "第 10 天起检测 1 次阴性"]) expect(table.textContent).toContain(words);
  const which = await seen("rules-which");
  (which as HTMLSelectElement).value = "fujian-2020";
  which.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
  expect(document.body.textContent).toContain("重新计算每个被上报过情况的人");
  type(document.querySelector("[name=reason]"), "省里通知");
  submit("rules-form");
  await vi.waitFor(() => expect(ruled).toEqual([["fujian-2020", "省里通知"]]));
});

it("shows the policies and puts the next version in force", async () => {
  me = { ...me, role: "administrator", rights: ["see-policies", "put-policies"] };
  await signIn();
  expect((await seen("policies")).textContent).toContain("酒店 · 第 3 版");
  (await seen("change-hotel")).click();
  const form = await seen("policy-form");
  type(form.querySelector("input[type=number]"), "10");
  type(form.querySelector("[name=reason]"), "省里通知");
  submit("policy-form");
  await vi.waitFor(() => expect(policed).toHaveLength(1));
  expect(policed[0]).toEqual([{ ...HOTEL, version: 4, freshness: { ...HOTEL.freshness, live_minutes: 10 } }, "省里通知"]);
});

/** What is handed to the browser's downloads, as it is written there. */
function downloads(): { texts: () => Promise<string[]>; restore: () => void } {
  const files: Blob[] = [];
  const create = vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${files.push(blob as Blob)}`);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const texts = () => Promise.all(files.map(async (file) => decoder.decode(new Uint8Array(await file.arrayBuffer()))));
  return { texts, restore: () => create.mockRestore() };
}

it("takes the audit away as the authority writes it, which notes it, and every page in one file", async () => {
  me = { ...me, role: "auditor", rights: ["read-audit"] };
  const files = downloads();
  await signIn();
  await go("audit");
  await seen("audit");
  get("save-file")?.click();
  const expected = '\uFEFFplace,reason\r\n9,"two\r\nlines"\r\n8,\'=1+1\r\n';
  await vi.waitFor(async () => expect(await files.texts()).toEqual([expected]));
  expect(exported).toEqual([[null, ""], ["9", ""]]);
  files.restore();
});

it("takes the figures away as the authority writes them, ratios in per cent", async () => {
  me = { ...me, role: "auditor", rights: ["see-statistics", "read-audit"] };
  const files = downloads();
  await signIn();
  await seen("figures");
  get("save-file")?.click();
  const expected = "\uFEFFfigure,city,value,issuer,at\r\nclaim_ratio_percent,福州市,48.75,35,2020-07-10T06:05:00Z\r\n";
  await vi.waitFor(async () => expect(await files.texts()).toEqual([expected]));
  files.restore();
});

it("asks for the audit's file as CSV and with the filter", async () => {
  const asked: [unknown, unknown][] = [];
  const real = consoleAuthority("token", (path, init) => {
    asked.push([path, new Headers(init?.headers).get("accept")]);
    return Promise.resolve(new Response("place\r\n", { headers: { "content-type": "text/csv; charset=utf-8" } }));
  });
  await expect(real.auditCsv("9", "put-site")).resolves.toEqual({ text: "place\r\n", next: null });
  expect(asked).toEqual([["/v1/audit?limit=1000&before=9&deed=put-site", "text/csv"]]);
});
