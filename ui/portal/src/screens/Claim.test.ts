import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { language } from "@yanma/shared";
import { Refusal, type RefusalCode } from "../api";
import { FakeAuthority, open, settle, signedIn } from "../testing";
import type { Session } from "../session.svelte";
import Claim from "./Claim.svelte";

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(async () => {
  language.set("zh-CN");
  window.location.hash = "#/claim";
  authority = new FakeAuthority();
  session = await signedIn(authority);
  screen = open(Claim, session);
});

afterEach(async () => {
  await screen.close();
  window.location.hash = "";
});

function select(name: string, value: string): void {
  const list = document.querySelector<HTMLSelectElement>(`select[name="${name}"]`);
  if (!list) throw new Error(`no list ${name}`);
  list.value = value;
  list.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
}

async function at(step: string): Promise<void> {
  screen.router.go("claim", step);
  await vi.waitFor(() => expect(screen.router.place.rest).toBe(step));
  flushSync();
}

async function next(): Promise<void> {
  screen
    .get("origin-form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settle();
}

it("may be gone from the page before the answer comes", async () => {
  screen.get("claim")?.click();
  await screen.close();
  await settle();
  expect(session.holder?.colour).toBe("green");
  screen = open(Claim, session);
});

it("takes one tap of whoever lives here", async () => {
  screen.get("claim")?.click();
  await settle();
  expect(authority.claimed).toEqual({ group: "resident" });
  expect(session.holder?.colour).toBe("green");
});

describe("from another province", () => {
  it("asks for the departure, then for the household, and offers the first for the second", async () => {
    await at("departure");
    expect(document.querySelector("select[name='city']"), "one list at a time").toBeNull();
    expect(document.querySelector("option[value='350000']"), "this province").toBeNull();
    select("province", "420000");
    select("city", "420100");
    await next();
    await vi.waitFor(() => expect(screen.router.place.rest).toBe("household"));
    flushSync();
    expect(document.querySelector<HTMLSelectElement>("select[name='city']")?.value).toBe("420100");
    select("province", "110000");
    expect(document.querySelector("select[name='city']"), "Beijing is its own city").toBeNull();
    await next();
    expect(authority.claimed).toEqual({
      group: "other-province",
      departure: "420100",
      household: "110000",
    });
  });

  it("asks for the city before anything is sent", async () => {
    await at("departure");
    select("province", "420000");
    await next();
    expect(screen.get("error")?.dataset["field"]).toBe("from.departure");
    expect(document.activeElement).toBe(document.querySelector("select[name='city']"));
    expect(authority.claimed).toBeNull();
  });

  it("begins again when the answers are gone", async () => {
    await at("household");
    expect(screen.text()).toContain("从哪里出发");
  });
});

describe("from abroad", () => {
  it.each([
    ["", undefined],
    [" +852 9000 0000 ", "+85290000000"],
  ])("sends the number '%s' as %s", async (typed, contact) => {
    await at("abroad");
    const input = document.querySelector<HTMLInputElement>("[name='contact']");
    if (!input) throw new Error("no field");
    input.value = typed;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await next();
    expect(authority.claimed).toEqual({ group: "abroad", ...(contact && { contact }) });
  });

  it.each<[RefusalCode, string]>([
    ["no-arrival", "入境人员版"],
    ["arrived-too-early", "入境人员版"],
    ["claim-from-abroad", "在这一页申领"],
  ])("%s is told here, wherever it arose, with the way on", async (code, words) => {
    authority.refusal = new Refusal(code);
    screen.get("claim")?.click();
    await vi.waitFor(() => expect(screen.router.place.rest).toBe("abroad"));
    flushSync();
    expect(screen.get("error")?.dataset["code"]).toBe(code);
    expect(screen.text()).toContain(words);
  });
});
