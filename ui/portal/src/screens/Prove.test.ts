import { afterEach, beforeEach, expect, it } from "vitest";
import { language } from "@yanma/shared";
import { Refusal } from "../api";
import type { Session } from "../session.svelte";
import { FakeAuthority, open, settle, signedIn } from "../testing";
import Claim from "./Claim.svelte";
import Prove from "./Prove.svelte";

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(async () => {
  language.set("zh-CN");
  authority = new FakeAuthority();
  session = await signedIn(authority);
});

afterEach(() => screen.close());

async function check(code: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("[name='code']");
  if (!field) throw new Error("no field");
  field.value = code;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  screen
    .get("prove-form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settle();
}

it("is where a claim leads that needs a better proof", async () => {
  authority.refusal = new Refusal("identity-level");
  screen = open(Claim, session);
  screen.get("claim")?.click();
  await settle();
  expect(screen.get("go-prove")?.getAttribute("href")).toBe("#/prove");
});

it("sends a code, takes it back with spaces in it, and is done", async () => {
  screen = open(Prove, session);
  expect(screen.get("prove-form"), "nothing to type before it is sent").toBeNull();
  screen.get("prove-send")?.click();
  await settle();
  await check(" 123 456 ");
  expect(session.account?.level).toBe("sms");
  expect(screen.get("prove-on")).not.toBeNull();
});

it.each(["", "12", "abcdef"])("does not send '%s' as a code", async (code) => {
  screen = open(Prove, session);
  screen.get("prove-send")?.click();
  await settle();
  await check(code);
  expect(screen.get("error")?.dataset["field"]).toBe("code");
  expect(session.account?.level).toBe("register-match");
});

it.each([
  ["identity-not-offered", "带身份证件到核验台"],
  ["identity-unavailable", "还不知道结果"],
] as const)("%s says what to do next", async (code, words) => {
  authority.refusal = new Refusal(code);
  screen = open(Prove, session);
  screen.get("prove-send")?.click();
  await settle();
  expect(screen.get("error")?.textContent).toContain(words);
});

it("asks for the face when the code by SMS was given before", async () => {
  await session.prove((known) => known.checkSms("123456"));
  screen = open(Prove, session);
  expect(screen.get("prove-photo")?.getAttribute("capture")).toBe("user");
});
