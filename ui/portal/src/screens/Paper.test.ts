import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { language } from "@yanma/shared";
import { Refusal } from "../api";
import type { Session } from "../session.svelte";
import { FakeAuthority, holderOf, memberOf, open, settle, signedIn } from "../testing";
import Paper from "./Paper.svelte";

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
  screen = open(Paper, session);
  await settle();
}

async function press(testid: string): Promise<void> {
  screen.get(testid)?.click();
  await settle();
}

it("is made with one tap, and then printed in either size", async () => {
  await openAt("#/paper");
  await press("paper-make");
  expect(screen.text()).toContain("2020年7月10日制作，2021年1月6日前有效");
  expect(screen.get("paper-a6")?.getAttribute("href")).toBe("/v1/papers/sheet.pdf?size=a6");
  expect(screen.get("paper-card")?.getAttribute("href")).toBe("/v1/papers/sheet.pdf?size=card");
  expect(screen.get("paper-replaced"), "there was none before").toBeNull();
});

it("is made for whom the address names", async () => {
  await openAt("#/paper/00000001");
  expect(screen.text()).toContain("父母 陈*英");
  await press("paper-make");
  expect([...authority.papers.keys()]).toEqual(["00000001"]);
  expect(screen.get("paper-a6")?.getAttribute("href")).toBe(
    "/v1/papers/sheet.pdf?member=00000001&size=a6",
  );
});

describe("replacing one", () => {
  beforeEach(async () => {
    await authority.makePaper(null);
    await openAt("#/paper");
  });

  it("warns first, and says afterwards that the old one has ended", async () => {
    expect(screen.get("paper-replace"), "nobody ends a paper by one tap").toBeNull();
    await press("paper-again");
    expect(screen.text()).toContain("旧的那张会立即失效");
    await press("paper-replace");
    expect(screen.get("paper-replaced")?.textContent).toContain("旧的那张已经失效");
    expect(screen.get("paper-replace")).toBeNull();
  });

  it("keeps the old one, and says so, when the authority does not answer", async () => {
    await press("paper-again");
    authority.refusal = new Refusal("network");
    await press("paper-replace");
    expect(screen.get("error")?.dataset["code"]).toBe("network");
    expect(screen.get("paper-replaced")).toBeNull();
    expect(screen.get("paper-a6")).not.toBeNull();
  });
});

describe("withdrawing a lost one", () => {
  beforeEach(async () => {
    await authority.makePaper(null);
    await authority.makePaper("00000001");
  });

  it("warns first, and offers to make one afterwards", async () => {
    await openAt("#/paper");
    expect(screen.get("paper-withdraw"), "nobody ends a paper by one tap").toBeNull();
    await press("paper-lost");
    expect(screen.get("paper-replace"), "one question at a time").toBeNull();
    await press("paper-keep");
    await press("paper-lost");
    await press("paper-withdraw");
    expect(screen.get("paper-withdrawn")?.textContent).toContain("已经失效");
    expect(screen.get("paper-a6")).toBeNull();
    expect([...authority.papers.keys()]).toEqual(["00000001"]);
    await press("paper-make");
    expect(screen.get("paper-withdrawn"), "it was about the one before").toBeNull();
  });

  it("says of one that is no longer theirs only that there is none", async () => {
    await openAt("#/paper");
    await press("paper-lost");
    authority.papers.clear();
    await press("paper-withdraw");
    expect(screen.get("paper-withdrawn")).toBeNull();
    expect(screen.get("paper-make")).not.toBeNull();
  });

  it("is about whom the address names", async () => {
    await openAt("#/paper/00000001");
    await press("paper-lost");
    await press("paper-withdraw");
    expect([...authority.papers.keys()]).toEqual([""]);
  });

  it("keeps it, and says so, when the authority does not answer", async () => {
    await openAt("#/paper");
    await press("paper-lost");
    authority.refusal = new Refusal("network");
    await press("paper-withdraw");
    expect(screen.get("error")?.dataset["code"]).toBe("network");
    expect(screen.get("paper-withdrawn")).toBeNull();
    expect(screen.get("paper-a6")).not.toBeNull();
  });
});

it("does not claim that there is none when it could not ask", async () => {
  authority.refusal = new Refusal("timeout");
  await openAt("#/paper");
  expect(screen.get("error")?.dataset["code"]).toBe("timeout");
  expect(screen.get("paper-make")).toBeNull();
});
