import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, find, open, press, settle } from "./testing";

eachInAWindow();

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

describe("sticks", () => {
  it("offers what can be done with each", async () => {
    await open("camera=off");
    await press("F3");
    await settle();
    const shown = [...document.querySelectorAll("[data-testid='stick']")].map((stick) =>
      [...stick.querySelectorAll("button")].map((button) => button.dataset["testid"]),
    );
    expect(shown).toEqual([
      ["stick-take", "stick-write", "stick-seal"],
      ["stick-write", "stick-seal"],
    ]);
  });

  it("takes lists over, and says how old they are", async () => {
    await open("camera=off");
    await press("F3");
    await settle();
    const take = vi.spyOn(desk.platform, "takeFromStick");
    await push("stick-take");
    expect(take).toHaveBeenCalledWith("/media/desk/LISTS");
    expect(find("stick-said")?.textContent).toContain("名单已生效");
  });

  it("says why something was not done", async () => {
    await open("camera=off");
    await press("F3");
    await settle();
    desk.platform.sealOntoStick = () => Promise.reject(new Error("full"));
    await push("stick-seal");
    expect(find("stick-said")?.textContent).toBe("");
    expect(document.querySelector("section [role='alert']")?.textContent).toContain("full");
  });
});
