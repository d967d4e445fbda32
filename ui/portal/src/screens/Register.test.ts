import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { language } from "@yanma/shared";
import { Refusal, type RefusalCode } from "../api";
import { Session } from "../session.svelte";
import { FakeAuthority, open } from "../testing";
import Register from "./Register.svelte";

let authority: FakeAuthority;
let session: Session;
let screen: ReturnType<typeof open>;

beforeEach(() => {
  language.set("zh-CN");
  authority = new FakeAuthority();
  session = new Session(authority);
  screen = open(Register, session);
});

afterEach(() => screen.close());

function type(name: string, value: string): void {
  const input = document.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (!input) throw new Error(`no field ${name}`);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

async function submit(): Promise<void> {
  screen
    .get("register-form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await vi.waitFor(() => {
    flushSync();
    expect(screen.get("register-submit")?.hasAttribute("disabled")).toBe(false);
  });
}

function fill(): void {
  type("number", " 35010019000101001x ");
  type("name", "林平安 ");
  type("phone", "138 0000 0000");
  type("password", "pass word 1");
}

it("sends what was typed, tidied, and nothing else", async () => {
  fill();
  await submit();
  expect(authority.registered).toEqual({
    document_type: "resident-id",
    number: "35010019000101001X",
    name: "林平安",
    phone: "13800000000",
    password: "pass word 1",
  });
  expect(session.phase).toBe("in");
});

describe("what is wrong", () => {
  it.each<[RefusalCode, string | null, string]>([
    ["bad-field", "number", "号码不对"],
    ["bad-field", "name", "姓名不对"],
    ["bad-field", "phone", "手机号不对"],
    ["bad-field", "password", "密码要"],
    ["bad-field", "document_type", "这种证件"],
    ["not-registered", null, "对不上"],
    ["conflict", null, "已经登记过"],
    ["unavailable", null, "服务正忙"],
  ])("%s at %s stands in its place and repeats no value", async (code, field, words) => {
    fill();
    authority.refusal = new Refusal(code, field);
    await submit();
    const error = screen.get("error");
    expect(error?.dataset["code"]).toBe(code);
    expect(error?.dataset["field"]).toBe(field ?? undefined);
    expect(error?.textContent).toContain(words);
    for (const value of ["35010019000101001", "林平安", "13800000000", "pass word 1"]) {
      expect(screen.text()).not.toContain(value);
    }
    if (field) {
      const input = document.querySelector(`[name="${field}"]`);
      expect(input?.getAttribute("aria-invalid")).toBe("true");
      expect(input?.getAttribute("aria-describedby")).toBe(error?.id);
      expect(document.activeElement).toBe(input);
    }
  });

  it("is found before anything is sent when a field is empty", async () => {
    await submit();
    expect(screen.get("error")?.dataset["field"]).toBe("number");
    expect(authority.registered).toBeNull();
  });
});
