import { language } from "@yanma/shared";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../src/api";
import { WorkList } from "./appeals.svelte";
import Appeals from "./screens/Appeals.svelte";
import type { ConsoleSession } from "./session.svelte";
import type { AppealDecision, DecidedAppeal, OpenAppeal } from "./wire";

const appeal = (n: number): OpenAppeal => ({
  id: `0197f7a0-0000-7000-8000-00000000000${n}`,
  name_masked: `样*${n}`,
  document_masked: "350***********0004",
  colour: "amber",
  amber_name: "orange",
  because: [
    { kind: "fever-clinic", reason: { zh: "发热门诊", en: "Fever clinic" }, since: "2020-07-01T00:00:00Z", until: "2020-07-15T00:00:00Z" },
  ],
  beside: [],
  facts: [{ kind: "fever-clinic", occurred_at: "2020-07-01T00:00:00Z", reporter: "Fever clinic 3", detail: "wrong person, see letter 12" }],
  facts_tag: "0000000000000001",
  words: `It was not me, number ${n}.`,
  opened_at: "2020-07-10T06:05:00Z",
  earlier: [],
});

const granted: DecidedAppeal = {
  id: "0197f7a0-0000-7000-8000-000000000009",
  name_masked: "样*9",
  document_masked: "350***********0012",
  words: "It was not me.",
  opened_at: "2020-07-10T06:05:00Z",
  decision: "granted",
  answer: "Corrected.",
  decided_at: "2020-07-10T07:05:00Z",
  decided_by: "clerk",
  set_aside: false,
};

let before: DecidedAppeal[];
let aside: [string, string][];
let waiting: OpenAppeal[];
let decided: { id: string; decision: AppealDecision; answer: string }[];
let refusal: Refusal | null;

const source = {
  appeals: () => Promise.resolve({ appeals: waiting.slice(0, 2), next: waiting.length > 2 ? "more" : null }),
  decidedAppeals: () => Promise.resolve({ appeals: before, next: null }),
  setAppealAside: (id: string, reason: string) => {
    aside.push([id, reason]);
    before = [{ ...granted, id: `${id}+1`, decision: "declined", answer: reason }, { ...granted, set_aside: true }];
    return Promise.resolve({});
  },
  decideAppeal: ({ id, facts_tag }: OpenAppeal, decision: AppealDecision, answer: string) => {
    if (refusal) return Promise.reject(refusal);
    if (waiting.some((each) => each.id === id && each.facts_tag !== facts_tag)) {
      return Promise.reject(new Refusal("appeal-changed"));
    }
    waiting = waiting.filter((each) => each.id !== id);
    decided.push({ id, decision, answer });
    return Promise.resolve({});
  },
};

beforeEach(() => {
  language.set("en");
  waiting = [appeal(1), appeal(2), appeal(3)];
  decided = [];
  before = [granted];
  aside = [];
  refusal = null;
});

describe("the work list", () => {
  it("goes on to the next, and fetches more at the end", async () => {
    const work = new WorkList(source);
    await work.load();
    expect(work.chosen?.id).toBe(appeal(1).id);
    expect(await work.decide("declined", "it stays")).toBe(true);
    expect(work.chosen?.id).toBe(appeal(2).id);
    expect(await work.decide("granted", "corrected")).toBe(true);
    expect(work.appeals.map(({ id }) => id)).toEqual([appeal(3).id]);
    expect(work.chosen?.id).toBe(appeal(3).id);
    expect(decided.map(({ decision }) => decision)).toEqual(["declined", "granted"]);
    expect(work.done).toBe(2);
  });

  it("says that a colleague was faster, and keeps what the authority could not take", async () => {
    const work = new WorkList(source);
    await work.load();
    refusal = new Refusal("appeal-decided");
    expect(await work.decide("granted", "corrected")).toBe(true);
    expect(work.last).toEqual({ name: "样*1", how: "elsewhere" });
    expect(work.done).toBe(0);
    refusal = new Refusal("unavailable");
    expect(await work.decide("granted", "corrected")).toBe(false);
    expect(work.chosen?.id).toBe(appeal(2).id);
    expect(work.deciding.refusal?.code).toBe("unavailable");
  });

  it("shows what was reported meanwhile before it is decided about", async () => {
    const work = new WorkList(source);
    await work.load();
    waiting = [{ ...appeal(1), facts_tag: "0000000000000002" }, appeal(2)];
    expect(await work.decide("granted", "corrected")).toBe(false);
    expect(decided).toEqual([]);
    expect(work.deciding.refusal).toBeNull();
    expect([work.changed, work.chosen?.facts_tag]).toEqual([true, "0000000000000002"]);
    expect(await work.decide("granted", "corrected")).toBe(true);
    expect([work.changed, work.chosen?.id]).toEqual([false, appeal(2).id]);
    waiting = [{ ...appeal(2), facts_tag: "0000000000000003" }];
    await work.load();
    expect(work.changed, "the list is fetched by itself, too").toBe(true);
  });

  it("stays at its ends", async () => {
    const work = new WorkList(source);
    await work.load();
    work.step(-1);
    expect(work.place).toBe(0);
    work.step(1);
    work.step(1);
    expect(work.place).toBe(1);
  });
});

describe("the page", () => {
  let app: ReturnType<typeof mount>;
  const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  const press = (key: string, more: KeyboardEventInit = {}, on: EventTarget = document.body) =>
    on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

  beforeEach(async () => {
    const session = { authority: source, expire: vi.fn(), may: () => true } as unknown as ConsoleSession;
    app = mount(Appeals, { target: document.body, props: { session } });
    await vi.waitFor(() => expect(find("appeal-case")).not.toBeNull());
  });

  afterEach(() => void unmount(app));

  it("sets a grant aside with a reason, and shows both decisions", async () => {
    find("appeals-decided")?.click();
    await vi.waitFor(() => expect(find("ask-set-aside")).not.toBeNull());
    find("ask-set-aside")?.click();
    flushSync();
    expect(find("set-aside")?.textContent).toContain("The holder reads the reason.");
    const reason = document.querySelector<HTMLInputElement>("[name=reason]")!;
    reason.value = "the hospital confirms it";
    reason.dispatchEvent(new Event("input", { bubbles: true }));
    find("set-aside-submit")?.click();
    await vi.waitFor(() => expect(find("set-aside-done")).not.toBeNull());
    expect(aside).toEqual([[granted.id, "the hospital confirms it"]]);
    await vi.waitFor(() => expect(find("decided")?.textContent).toContain("Corrected, then set aside"));
    expect(find("decided")?.textContent).toContain("the hospital confirms it");
    expect(find("ask-set-aside"), "once is all").toBeNull();
  });

  it("is worked through with the keyboard alone", async () => {
    press("j");
    flushSync();
    expect(find("appeal-case")?.textContent).toContain("number 2");
    press("k");
    flushSync();
    press("d");
    flushSync();
    expect(find("appeal-then")?.textContent).toContain("ends by itself at 2020-07-15 08:00");
    const answer = document.querySelector("textarea")!;
    await vi.waitFor(() => expect(document.activeElement).toBe(answer));
    answer.value = "We have checked.";
    answer.dispatchEvent(new Event("input", { bubbles: true }));
    press("g", {}, answer);
    flushSync();
    expect(find("appeal-then")?.textContent).toContain("ends by itself");
    press("Enter", { ctrlKey: true }, answer);
    await vi.waitFor(() => expect(decided).toEqual([{ id: appeal(1).id, decision: "declined", answer: "We have checked." }]));
    await vi.waitFor(() => expect(find("appeals-last")?.textContent).toContain("The colour of 样*1 stays."));
    await vi.waitFor(() => expect(find("appeal-case")?.textContent).toContain("number 2"));
  });

  it("tells by whom each fact was reported, and the note", () => {
    const told = () => [...document.querySelectorAll("[data-testid=appeal-report]")].map((each) => each.textContent?.replace(/\s+/g, " ").trim());
    expect(told()).toEqual(["Reported by Fever clinic 3 Note: wrong person, see letter 12"]);
  });

  it("tells every fact in force, and that others have come", async () => {
    expect(find("appeal-changed")?.textContent).toBe("");
    const area = { zh: "高发地区", en: "High-incidence area" };
    const beside = [{ kind: "high-incidence-area", reason: area, since: "2020-07-02T00:00:00Z", until: null }];
    waiting = [{ ...appeal(1), beside: beside as OpenAppeal["beside"], facts_tag: "0000000000000002" }];
    press("g");
    flushSync();
    document.querySelector<HTMLElement>(".ready button")!.click();
    flushSync();
    find("appeal-decide")!.click();
    await vi.waitFor(() => expect(find("appeal-changed")?.textContent).toContain("look again"));
    expect(find("appeal-case")?.textContent).toContain("High-incidence area");
    expect(decided).toEqual([]);
  });

  it("says before what will happen, and takes a ready answer", async () => {
    press("g");
    flushSync();
    expect(find("appeal-then")?.textContent).toContain("turns green at once");
    document.querySelector<HTMLElement>(".ready button")!.click();
    flushSync();
    expect(document.querySelector("textarea")!.value).toContain("We have checked");
  });
});
