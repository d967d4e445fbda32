import { LANGUAGES, fetchLanguage } from "@yanma/shared";
import { flushSync } from "svelte";
import { describe, expect, it, vi } from "vitest";
import { DemoPlatform } from "./platform/demo/demo";
import Guest from "./screens/Guest.svelte";
import { preferences } from "./state/preferences.svelte";
import { eachInAWindow, find, put, settle, text } from "./testing";

eachInAWindow();

describe("the guest's screen", () => {
  async function guestScreen(wish: string): Promise<HTMLElement> {
    put(Guest, { platform: new DemoPlatform(new URLSearchParams(wish)) });
    await settle();
    const screen = find("guest-screen");
    if (!screen) throw new Error("no screen");
    return screen;
  }

  it("asks in turn in many languages", async () => {
    await Promise.all(LANGUAGES.map(fetchLanguage));
    const screen = await guestScreen("guest");
    const first = text("guest-invitation");
    vi.advanceTimersByTime(3_000);
    flushSync();
    expect(text("guest-invitation")).not.toBe(first);
    expect(screen.textContent).toContain("请出示健康码或证件");
  });

  it("keeps the colour to itself where the scene wants that, and forgets soon", async () => {
    const screen = await guestScreen("guest&scene=hospital&verdict=orange");
    expect(screen.textContent).toContain("请随工作人员");
    expect(screen.dataset["decision"]).toBe("none");
    expect(screen.textContent, "nobody is named").not.toContain("*");
    vi.advanceTimersByTime(12_000);
    flushSync();
    expect(find("guest-invitation")).not.toBeNull();
  });

  it("speaks the language that a guest touches, and the next guest's anew", async () => {
    await Promise.all(LANGUAGES.map(fetchLanguage));
    const screen = await guestScreen("guest");
    find("guest-language-fr")?.click();
    flushSync();
    expect(screen.querySelector("h1")?.textContent).toBe("Veuillez présenter votre code de santé ou une pièce d’identité");
    expect(document.documentElement.lang).toBe("fr");
    expect(text("guest-invitation"), "beside the language of the place").toBe("请出示健康码或证件");
    vi.advanceTimersByTime(60_000);
    flushSync();
    expect(document.documentElement.lang).toBe("zh-CN");
  });

  it("begins with the language that the desk chose for it", async () => {
    await Promise.all(LANGUAGES.map(fetchLanguage));
    preferences.set({ guest: "fr" });
    await guestScreen("guest&scene=hotel&verdict=admit");
    expect(text("guest-told")).toBe("Bienvenue");
    preferences.set({ guest: null });
  });

  it("shows it elsewhere", async () => {
    expect((await guestScreen("guest&scene=hotel&verdict=orange")).dataset["decision"]).toBe("refuse");
  });
});
