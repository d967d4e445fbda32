import { afterEach, beforeEach, expect, it } from "vitest";
import { language } from "@yanma/shared";
import { Refusal } from "../api";
import type { Session } from "../session.svelte";
import { appealOf, FakeAuthority, holderOf, memberOf, open, settle, signedIn } from "../testing";
import Appeal from "./Appeal.svelte";

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(async () => {
  language.set("zh-CN");
  authority = new FakeAuthority();
  authority.holder = holderOf("amber");
  authority.members = [memberOf("parent", "1", "amber")];
  session = await signedIn(authority);
  await session.family.load();
});

afterEach(async () => {
  await screen.close();
  window.location.hash = "";
});

async function openAt(hash: string): Promise<void> {
  window.location.hash = hash;
  screen = open(Appeal, session);
  await settle();
}

async function send(words: string): Promise<void> {
  const field = document.querySelector<HTMLTextAreaElement>("[name='words']");
  if (!field) throw new Error("no field");
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  screen
    .get("appeal-form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settle();
}

const states = () =>
  [...document.querySelectorAll<HTMLElement>("[data-testid='appeal-state']")].map(
    (each) => each.dataset["state"],
  );

it("says why the colour is what it is, takes the words, and shows that they arrived", async () => {
  await openAt("#/appeal");
  expect(screen.text()).toContain("曾到发热门诊就诊");
  await send("  那天我没有去过发热门诊，在家休息。 ");
  expect(authority.contested[0]).toMatchObject({
    member: null,
    words: "那天我没有去过发热门诊，在家休息。",
  });
  expect(states()).toEqual(["open"]);
  expect(screen.get("appeal-form"), "one at a time").toBeNull();
});

it("is about whom the address names, and shows nobody else's", async () => {
  authority.contested = [appealOf("open", null, "这是我自己的纠错申请。")];
  await openAt("#/appeal/00000001");
  expect(states()).toEqual([]);
  await send("母亲那天没有去过发热门诊。");
  expect(authority.contested[0]?.member).toBe("00000001");
});

it.each(["太短", "长".repeat(501)])("asks for 10 to 500 characters before it sends %s", async (words) => {
  await openAt("#/appeal");
  await send(words);
  expect(screen.get("error")?.dataset["field"]).toBe("words");
  expect(document.activeElement).toBe(document.querySelector("[name='words']"));
  expect(authority.contested).toEqual([]);
});

it("keeps the words when they could not be sent", async () => {
  await openAt("#/appeal");
  authority.refusal = new Refusal("network");
  await send("那天我没有去过发热门诊，在家。");
  expect(screen.get("error")?.dataset["code"]).toBe("network");
  expect(document.querySelector<HTMLTextAreaElement>("[name='words']")?.value).toContain("在家");
});

it("shows the other appeal when one waits already", async () => {
  await openAt("#/appeal");
  authority.refusal = new Refusal("appeal-open");
  await send("那天我没有去过发热门诊，在家。");
  expect(screen.text()).toContain("已经有一份申请在处理");
});

it("tells what was decided, and lets a declined one be followed by another", async () => {
  authority.contested = [appealOf("declined", null, "那天我没有去过发热门诊。")];
  await openAt("#/appeal");
  expect(states()).toEqual(["declined"]);
  expect(screen.text()).toContain("已核对医院记录。");
  expect(screen.get("appeal-form")).not.toBeNull();
});

it("has nothing to contest in a green code, and still tells what was decided", async () => {
  authority.holder = holderOf("green");
  authority.contested = [appealOf("granted", null, "那天我没有去过发热门诊。")];
  await openAt("#/appeal");
  expect(screen.get("appeal-form")).toBeNull();
  expect(screen.text()).toContain("没有需要更正的");
  expect(states()).toEqual(["granted"]);
});

it("tells that what was put right was set aside, and why", async () => {
  const granted = { ...appealOf("granted", null, "那天我没有去过发热门诊。"), set_aside: true };
  const declined = { ...appealOf("declined", null, granted.words), answer: "医院确认了这次就诊。" };
  authority.contested = [declined, granted];
  await openAt("#/appeal");
  expect(states()).toEqual(["declined", "set-aside"]);
  expect(screen.text()).toContain("医院确认了这次就诊。");
  expect(screen.text()).toContain("之前的决定已撤销");
  expect(screen.get("appeal-form"), "it may be contested once more").not.toBeNull();
});
