import { language } from "@yanma/shared";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../src/api";
import Console from "./Console.svelte";
import type { ConsoleAuthority } from "./authority";
import { Address } from "./places.svelte";
import { ConsoleSession } from "./session.svelte";
import type { EnrolmentRequest, Entry } from "./wire";

const ENTRY: Entry = {
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

let refusal: Refusal | null;
let department: boolean;
let enrolments: EnrolmentRequest[];
let app: ReturnType<typeof mount>;

const authority: ConsoleAuthority = {
  report: (facts) => Promise.resolve(facts.map(({ id }) => ({ id, outcome: "accepted" }))),
  enrolment: (request) => {
    enrolments.push(request);
    if (refusal) return Promise.reject(refusal);
    return Promise.resolve({ enrolment_code: "ABCD-EFGH-JKLM", expires_at: "2020-07-11T06:05:00Z" });
  },
  entries: () => {
    if (refusal) return Promise.reject(refusal);
    if (department) return Promise.reject(new Refusal("forbidden"));
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
  department = false;
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
    department = true;
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
