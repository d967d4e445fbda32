import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, fill, find, open, press, settle, text } from "./testing";

eachInAWindow();

async function opened(wish = ""): Promise<void> {
  await open(`camera=off${wish}`);
  await press("F4");
}

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

describe("the card for new versions", () => {
  it("looks for nothing until address and key are given", async () => {
    await opened();
    expect(text("updates-standing")).toContain("不查找新版本");
    expect(find("updates-look")).toBeNull();
    fill("updates-address", "http://updates.example/latest.json");
    await push("updates-save");
    expect(find("updates-address")?.getAttribute("aria-invalid")).toBe("true");
    fill("updates-address", "https://updates.example/latest.json");
    fill("updates-key", "nothing");
    await push("updates-save");
    expect(find("updates-key")?.getAttribute("aria-invalid")).toBe("true");
    fill("updates-key", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
    await push("updates-save");
    expect(text("updates-standing")).toBe("已是最新版本");
    expect(find("updates-install")).toBeNull();
  });

  it("offers a newer version with its notes, and never an older one", async () => {
    await opened("&updates=newer");
    expect(text("updates-standing")).toContain("0.2.0");
    expect(text("updates-notes")).toContain("thermal paper");
    expect(find("updates-install")).not.toBeNull();
  });

  it("says of an older version that it is not installed", async () => {
    await opened("&updates=older");
    expect(text("updates-standing")).toContain("0.0.9");
    expect(find("updates-install")).toBeNull();
  });

  it("installs nothing before it was said twice", async () => {
    await opened("&updates=newer");
    const install = vi.spyOn(desk.platform, "installUpdate");
    await push("updates-install");
    expect(install).not.toHaveBeenCalled();
    await push("updates-no");
    expect(find("updates-yes")).toBeNull();
    await push("updates-install");
    await push("updates-yes");
    expect(install).toHaveBeenCalledWith("0.2.0");
  });

  it("says how much has come, and why nothing was installed", async () => {
    await opened("&updates=newer");
    await push("updates-install");
    await push("updates-yes");
    expect(find<HTMLProgressElement>("updates-progress")?.value).toBe(48e6);
    await vi.advanceTimersByTimeAsync(2000);
    await settle();
    expect(find("updates-progress")).toBeNull();
    expect(text("updates-problem")).toContain("签名不对");
    expect(find("updates-install")).not.toBeNull();
  });

  it("says that a server does not answer", async () => {
    await opened("&updates=silent");
    expect(text("updates-standing")).toBe("更新服务器没有应答");
    expect(find("updates-standing")?.classList).toContain("problem");
  });
});
