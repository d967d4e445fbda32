import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { language } from "@yanma/shared";
import { Refusal } from "../api";
import { FakeAuthority, holderOf, open, signedIn } from "../testing";
import type { HomeColour } from "../wire";
import Code from "./Code.svelte";

let authority: FakeAuthority;
let visibility: DocumentVisibilityState;
let screen: ReturnType<typeof open>;

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

function turn(to: DocumentVisibilityState): void {
  visibility = to;
  document.dispatchEvent(new Event("visibilitychange"));
  flushSync();
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2020-07-10T06:00:00Z") });
  visibility = "visible";
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  authority = new FakeAuthority();
  authority.holder = holderOf("green");
  language.set("zh-CN");
});

afterEach(async () => {
  await screen.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function show(): Promise<void> {
  screen = open(Code, await signedIn(authority));
  await pass(0);
}

describe("a live code", () => {
  it("carries its text, end and colour where they are looked for", async () => {
    await show();
    expect(screen.get("code")?.dataset).toMatchObject({
      phase: "live",
      text: expect.stringMatching(/^HTTPS:\/\/YM\.TEST\/\d{223}$/) as string,
      expires: "2020-07-10T06:01:00.000Z",
    });
    expect(screen.get("colour")?.dataset["colour"]).toBe("green");
    expect(screen.get("colour")?.textContent?.trim()).toBe("绿码");
    expect(screen.get("code-qr")?.dataset["size"]).toBe("41");
    expect(screen.get("countdown")?.dataset["seconds"]).toBe("59");
    expect(screen.get("clock")?.textContent).toBe("14:00:00");
  });

  it("renews itself again and again", async () => {
    await show();
    const first = screen.get("code")?.dataset["text"];
    await pass(50_000);
    expect(authority.shows).toBe(2);
    expect(screen.get("code")?.dataset["text"]).not.toBe(first);
    await pass(150_000);
    expect(authority.shows).toBe(5);
    expect(screen.get("shown-count")?.textContent).toContain("5");
  });

  it("asks nothing while hidden, and is never shown stale on return", async () => {
    await show();
    turn("hidden");
    await pass(600_000);
    expect(authority.shows).toBe(1);
    authority.refusal = new Refusal("network");
    turn("visible");
    expect(screen.get("code")?.dataset["phase"], "at once, before any answer").toBe("expired");
    expect(screen.get("code")?.dataset["text"]).toBeUndefined();
  });

  it("says why it is orange, newer kinds of facts included", async () => {
    authority.holder = holderOf("amber");
    await show();
    expect(screen.get("colour")?.dataset["colour"]).toBe("orange");
    const reasons = screen.get("reasons")?.textContent ?? "";
    expect(reasons).toContain("曾到发热门诊就诊");
    expect(reasons).toContain("7月7日至7月21日");
    expect(reasons).toContain("有关部门报告的情况");
  });

  it("asks for the reasons again when the colour has changed", async () => {
    await show();
    expect(screen.get("reasons")?.textContent).toContain("为什么是绿码");
    authority.holder = holderOf("amber");
    await pass(50_000);
    expect(screen.get("colour")?.dataset["colour"]).toBe("orange");
    expect(screen.get("reasons")?.textContent).toContain("为什么是橙码");
  });
});

describe("a code that cannot be renewed", () => {
  it("is said to live on, then greyed with the way to refresh it", async () => {
    await show();
    authority.refusal = new Refusal("network");
    await pass(50_000);
    expect(screen.get("code")?.dataset["phase"]).toBe("live");
    expect(screen.get("error")?.dataset["code"]).toBe("network");
    await pass(10_000);
    expect(screen.get("colour")?.dataset["colour"]).toBe("expired");
    expect(screen.get("code")?.dataset["text"]).toBeUndefined();
    expect(screen.get("countdown")).toBeNull();
    expect(screen.get("reasons"), "no colour is explained that does not hold").toBeNull();
    expect(screen.text()).toContain("已过期，请刷新");
    authority.refusal = null;
    screen.get("renew")?.click();
    await pass(0);
    expect(screen.get("code")?.dataset["phase"]).toBe("live");
    expect(screen.get("error")).toBeNull();
  });

  it("leads back to the start when the session has ended", async () => {
    const session = await signedIn(authority);
    screen = open(Code, session);
    await pass(0);
    authority.refusal = new Refusal("unauthorised");
    await pass(50_000);
    expect(session.phase).toBe("out");
    expect(session.ended).toBe(true);
  });
});

describe("the colour at home", () => {
  const of = (state: HomeColour["state"], change: Partial<HomeColour> = {}): HomeColour => ({
    issuer: 33,
    name: { zh: "浙江省", en: "Zhejiang" },
    state,
    colour: null,
    amber_name: "yellow",
    until: null,
    answered_at: null,
    again_at: null,
    ...change,
  });
  const said = () => screen.get("home")?.textContent ?? "";

  it("is told in plain words, also that it could not be asked", async () => {
    const until = "2020-07-15T06:00:00Z";
    authority.holder = {
      ...holderOf("amber"),
      home: [
        of("known", { colour: "amber", until, answered_at: "2020-07-10T06:00:00Z" }),
        of("could-not-ask", { issuer: 42, name: null, again_at: "2020-07-10T06:01:00Z" }),
        of("unknown", { issuer: 44, name: null }),
      ],
    };
    await show();
    expect(said()).toContain("浙江省：黄码，在本地同样计入");
    expect(said()).toContain("7月15日 14:00自动解除");
    expect(said()).toContain("暂时无法向湖北省查询");
    expect(said()).toContain("7月10日 14:01前后再次查询");
    expect(said()).toContain("广东省：没有您的健康码");
  });

  it("is asked for again while the answer is on its way", async () => {
    authority.holder = { ...holderOf("green"), home: [of("asking")] };
    await show();
    expect(said()).toContain("正在向浙江省查询");
    authority.holder = { ...holderOf("green"), home: [of("known", { colour: "green" })] };
    await pass(2_000);
    expect(said()).toContain("浙江省：绿码");
  });

  it("is not spoken of where nobody came from elsewhere", async () => {
    await show();
    expect(screen.get("home")).toBeNull();
  });
});
