import { describe, expect, it } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, fill, find, open, press, settle, text } from "./testing";

eachInAWindow();

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];

async function opened(wish = "camera=off"): Promise<void> {
  await open(wish);
  await press("F4");
}

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

describe("the card for other programs", () => {
  it("is off until it is switched on, and says that it wants a token", async () => {
    await opened();
    expect(find<HTMLInputElement>("programs-on")?.checked).toBe(false);
    expect(text("programs-state")).toBe("已关闭：不应答任何程序");
    await push("programs-on");
    expect(find<HTMLInputElement>("programs-on")?.checked).toBe(true);
    expect(find("programs-state")?.classList).toContain("wrong");
    await push("programs-token-make");
    expect(text("programs-token")).toMatch(/^yanma-desk-/);
    expect(text("programs-state")).toContain("http://127.0.0.1:8790");
  });

  it("shows a token once", async () => {
    await opened();
    await push("programs-token-make");
    expect(find("programs-token")).not.toBeNull();
    await press("F1");
    await press("F4");
    expect(find("programs-token")).toBeNull();
    expect(document.body.textContent).not.toContain("yanma-desk-");
  });

  it("puts the switch back when it could not be thrown", async () => {
    await opened();
    desk.platform.savePrograms = () => Promise.reject(new Error("the port is taken"));
    await push("programs-on");
    expect(find<HTMLInputElement>("programs-on")?.checked).toBe(false);
    expect(find("programs")?.querySelector('[role="alert"]')?.textContent).not.toBe("");
  });

  it("adds an address, shows its secret once, and takes it away", async () => {
    await opened();
    fill("programs-url", "http://pms.example/");
    await push("programs-url-add");
    expect(find("programs-url")?.getAttribute("aria-invalid")).toBe("true");
    expect(all("programs-hook")).toHaveLength(0);
    fill("programs-url", "https://pms.example/yanma");
    await push("programs-url-add");
    expect(all("programs-hook").map((hook) => hook.querySelector(".address")?.textContent)).toEqual(["https://pms.example/yanma"]);
    expect(text("programs-secret")).toMatch(/^whsec_/);
    all("programs-hook")[0]?.querySelector("button")?.click();
    flushSync();
    await settle();
    expect(all("programs-hook")).toHaveLength(0);
    expect(find("programs-secret")).toBeNull();
  });

  it("tells how far each address was told", async () => {
    await opened("camera=off&programs=on");
    const [fine, unreachable, refused] = all("programs-hook").map((hook) => hook.querySelector(".how"));
    expect(fine?.classList).not.toContain("wrong");
    expect(unreachable?.classList).toContain("wrong");
    expect(unreachable?.textContent).toContain("17");
    expect(refused?.textContent).toContain("503");
    expect(refused?.textContent).toContain("2");
  });

  it("says that another program has the port", async () => {
    await opened("camera=off&programs=port");
    expect(text("programs-state")).toContain("8790");
    expect(find("programs-state")?.classList).toContain("wrong");
  });

  it("is only looked at by whoever may not change settings", async () => {
    await opened("camera=off&programs=on&staffed&operator");
    expect(find<HTMLInputElement>("programs-on")?.disabled).toBe(true);
    expect(find("programs-token-make")).toBeNull();
    expect(find("programs-url")).toBeNull();
    expect(all("programs-hook").flatMap((hook) => [...hook.querySelectorAll("button")])).toHaveLength(0);
  });
});
