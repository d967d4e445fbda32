import { afterEach, beforeEach, expect, it } from "vitest";
import { language } from "@yanma/shared";
import { Refusal } from "../api";
import type { Session } from "../session.svelte";
import { FakeAuthority, holderOf, memberOf, open, settle, signedIn } from "../testing";
import type { ColourHistory } from "../wire";
import History from "./History.svelte";

const CONTACT = { zh: "密切接触者", en: "Close contact" };
const scheme = { id: "s", version: 1, name: { zh: "规则", en: "Rules" }, since: "2020-07-01T00:00:00Z", until: null };
const fact = (kind: string) => ({ kind, occurred_at: "2020-07-08T02:00:00Z", words: CONTACT });
const HISTORY: ColourHistory = {
  complete: false,
  periods: [
    {
      colour: "green",
      amber_name: "orange",
      since: "2020-07-09T02:05:00Z",
      until: null,
      foreseen_until: null,
      because: [],
      began: { by: "report", reports: [{ fact: { ...fact("retraction"), words: null }, takes_back: fact("close-contact") }] },
      scheme,
    },
    {
      colour: "amber",
      amber_name: "orange",
      since: "2020-07-08T02:00:00Z",
      until: "2020-07-09T02:05:00Z",
      foreseen_until: "2020-07-22T02:00:00Z",
      because: [{ kind: "close-contact", reason: CONTACT, since: "2020-07-08T02:00:00Z", until: "2020-07-22T02:00:00Z" }],
      began: { by: "report", reports: [{ fact: fact("close-contact"), takes_back: null }] },
      scheme,
    },
  ],
};

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(async () => {
  language.set("zh-CN");
  authority = new FakeAuthority();
  authority.holder = holderOf("green");
  authority.members = [memberOf("parent", "1")];
  session = await signedIn(authority);
  await session.family.load();
});

afterEach(async () => {
  await screen.close();
  window.location.hash = "";
});

async function openAt(hash: string): Promise<void> {
  window.location.hash = hash;
  screen = open(History, session);
  await settle();
}

const colours = () =>
  [...document.querySelectorAll<HTMLElement>("[data-testid=period]")].map(({ dataset }) => dataset["colour"]);

it("tells each colour with its time and reason, the latest first", async () => {
  authority.histories.set("", HISTORY);
  await openAt("#/history");
  expect(colours()).toEqual(["green", "orange"]);
  expect(screen.text()).toContain("2020年7月9日 10:05起，至今");
  expect(screen.text()).toContain("“密切接触者”的报告已撤回。");
  expect(screen.text()).toContain("2020年7月8日 10:00至7月9日 10:05");
  expect(screen.text()).toContain("7月8日至7月22日");
  expect(screen.get("history-earlier")).not.toBeNull();
});

it("is that of whom the address names", async () => {
  authority.histories.set("00000001", { ...HISTORY, complete: true });
  await openAt("#/history/00000001");
  expect(screen.text()).toContain("父母 陈*英");
  expect(colours()).toEqual(["green", "orange"]);
  expect(screen.get("history-earlier")).toBeNull();
});

it("says so when it could not ask, and asks again when told to", async () => {
  authority.histories.set("", HISTORY);
  authority.refusal = new Refusal("network");
  await openAt("#/history");
  expect(screen.get("error")?.dataset["code"]).toBe("network");
  expect(colours()).toEqual([]);
  authority.refusal = null;
  document.querySelector<HTMLElement>("[data-testid=history] button")?.click();
  await settle();
  expect(colours()).toEqual(["green", "orange"]);
});

it("asks for the password when the session has ended", async () => {
  authority.refusal = new Refusal("unauthorised");
  await openAt("#/history");
  expect(session.phase).toBe("out");
});
