import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { language } from "@yanma/shared";
import { Refusal, type RefusalCode } from "../api";
import type { Session } from "../session.svelte";
import { FakeAuthority, holderOf, memberOf, open, settle, signedIn } from "../testing";
import Code from "./Code.svelte";
import Family from "./Family.svelte";
import FamilyAdd from "./FamilyAdd.svelte";
import Withdraw from "./Withdraw.svelte";
import type { ScreenProps } from "./props";
import type { Component } from "svelte";

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(async () => {
  language.set("zh-CN");
  authority = new FakeAuthority();
  authority.holder = holderOf("green");
  authority.members = [memberOf("parent", "1", "amber"), memberOf("child", "2")];
  session = await signedIn(authority);
  await session.family.load();
});

afterEach(async () => {
  await screen.close();
  window.location.hash = "";
});

async function openAt(hash: string, component: Component<ScreenProps>): Promise<void> {
  window.location.hash = hash;
  screen = open(component, session);
  await settle();
}

function type(name: string, value: string): void {
  const input = document.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (!input) throw new Error(`no field ${name}`);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

async function at(step: string | null): Promise<void> {
  await vi.waitFor(() => expect(screen.router.place.rest).toBe(step));
  flushSync();
}

async function press(testid: string): Promise<void> {
  screen.get(testid)?.click();
  await settle();
}

it("lists everybody with the colour, in words as well", async () => {
  await openAt("#/family", Family);
  const rows = [...document.querySelectorAll<HTMLAnchorElement>("[data-testid='member']")];
  expect(rows.map((row) => row.dataset["colour"])).toEqual(["orange", "green"]);
  expect(rows[0]?.textContent?.replace(/\s+/g, " ")).toContain("父母 陈*英 橙码");
  expect(rows[0]?.getAttribute("href")).toBe("#/member/00000001");
});

it("says that somebody is not here any more, but not just after withdrawing", async () => {
  await openAt("#/member/00000009", Family);
  expect(screen.get("gone")?.textContent).toContain("不在这里了");
  session.family.done = { did: "withdrawn", name: "陈*英" };
  await settle();
  expect(screen.get("gone")).toBeNull();
});

it("keeps the list when it cannot be asked for again", async () => {
  authority.refusal = new Refusal("network");
  await openAt("#/family", Family);
  expect(screen.get("error")?.dataset["code"]).toBe("network");
  expect(document.querySelectorAll("[data-testid='member']")).toHaveLength(2);
});

it("shows a member's code, and says whose it is", async () => {
  await openAt("#/member/00000001", Code);
  expect(screen.get("whose")?.textContent).toContain("这是家人的码：父母 陈*英");
  expect(screen.get("colour")?.dataset["colour"]).toBe("orange");
  expect(screen.get("reasons")?.textContent).toContain("曾到发热门诊就诊");
  expect(screen.get("logout"), "one thing at a time").toBeNull();
});

it("takes a member's code back after asking, and leaves one's own", async () => {
  await openAt("#/withdraw/00000001", Withdraw);
  expect(screen.text()).toContain("要注销父母 陈*英 的健康码吗？");
  await press("withdraw-confirm");
  expect(authority.members.map(({ id }) => id)).toEqual(["00000002"]);
  expect(authority.holder).not.toBeNull();
  expect(session.family.done).toEqual({ did: "withdrawn", name: "陈*英" });
});

describe("a claim for a family member", () => {
  async function fillDocument(relation: string): Promise<void> {
    await openAt("#/family-add", FamilyAdd);
    await press(`relation-${relation}`);
    await at("document");
    type("number", "35010019480101001x");
    type("name", " 陈英 ");
  }

  async function next(): Promise<void> {
    screen
      .get("member-form")
      ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await settle();
  }

  it("is asked one question at a time and then sent", async () => {
    await fillDocument("parent");
    await next();
    await at("from");
    expect(screen.text()).toContain("父母：");
    await press("claim");
    expect(authority.claimedFor).toEqual({
      relation: "parent",
      document_type: "resident-id",
      number: "35010019480101001X",
      name: "陈英",
      from: { group: "resident" },
    });
    expect(session.family.done?.did).toBe("added");
    expect(session.draft.number, "nothing of it stays").toBe("");
  });

  it("says the age before it refuses, and offers no place that is taken", async () => {
    authority.members = [memberOf("spouse", "1")];
    await session.family.load();
    await openAt("#/family-add", FamilyAdd);
    expect(screen.get("relation-parent")?.textContent).toContain("满 55 岁");
    expect(screen.get("relation-child")?.textContent).toContain("不满 18 岁");
    expect(screen.get("relation-spouse")?.hasAttribute("disabled")).toBe(true);
    expect(screen.get("relation-spouse")?.textContent).toContain("先注销");
  });

  it.each<[RefusalCode, string | null, string | null, string]>([
    ["parents-full", null, null, "父母已满 4 位"],
    ["relatives-full", null, null, "亲属已满 5 位"],
    ["not-registered", null, "document", "对不上登记资料"],
    ["already-claimed", null, "document", "已经有人申领"],
    ["own-person", null, "document", "您自己的证件"],
    ["bad-field", "number", "document", "号码不对"],
    ["no-arrival", null, "abroad", "入境登记里没有查到"],
    ["unavailable", null, "from", "服务正忙"],
    ["rate-limited", null, "from", "试的次数太多"],
  ])("%s at %s is told at the question %s", async (code, field, step, words) => {
    await fillDocument("parent");
    await next();
    await at("from");
    authority.refusal = new Refusal(code, field);
    await press("claim");
    await at(step);
    expect(screen.get("error")?.dataset["code"]).toBe(code);
    expect(screen.text()).toContain(words);
  });

  it("turns into a relative's with one tap when the age does not fit", async () => {
    await fillDocument("parent");
    await next();
    await at("from");
    authority.refusal = new Refusal("parent-too-young");
    await press("claim");
    await at("document");
    expect(screen.text()).toContain("不到 55 岁");
    authority.refusal = null;
    await press("as-relative");
    expect(authority.claimedFor?.relation).toBe("relative");
    expect(session.family.done?.did).toBe("added");
  });
});
