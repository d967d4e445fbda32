import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, find, open, press, settle } from "./testing";

eachInAWindow();

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

const checked = (id: string) => find<HTMLInputElement>(id)?.checked;

describe("which lists the desk has", () => {
  it("is all at first, and all again when nobody is left out", async () => {
    await open("camera=off");
    await press("F4");
    expect(["lists-documents", "lists-region-0", "lists-region-33", "lists-region-36"].map(checked)).toEqual([true, true, true, true]);
    const save = vi.spyOn(desk.platform, "saveSubscription");
    await push("lists-region-33");
    expect(save).toHaveBeenLastCalledWith(true, null, [0, 36]);
    expect(checked("lists-region-33")).toBe(false);
    await push("lists-documents");
    expect(save).toHaveBeenLastCalledWith(false, null, [0, 36]);
    await push("lists-region-33");
    expect(save).toHaveBeenLastCalledWith(false, null, null);
  });

  it("is the directories of the cities that are chosen, and the whole one when none is", async () => {
    await open("camera=off");
    await press("F4");
    expect(["lists-city-0", "lists-city-3501", "lists-city-3505"].map(checked)).toEqual([false, false, false]);
    const save = vi.spyOn(desk.platform, "saveSubscription");
    await push("lists-city-3505");
    expect(save).toHaveBeenLastCalledWith(true, [3505], null);
    await push("lists-city-0");
    expect(save).toHaveBeenLastCalledWith(true, [0, 3505], null);
    await push("lists-documents");
    expect(find("lists-city-0")).toBeNull();
    await push("lists-documents");
    expect(["lists-city-0", "lists-city-3501", "lists-city-3505"].map(checked)).toEqual([true, false, true]);
    await push("lists-city-0");
    await push("lists-city-3505");
    expect(save).toHaveBeenLastCalledWith(true, null, null);
  });

  it("stays as it was when it could not be changed, and says so", async () => {
    await open("camera=off");
    await press("F4");
    desk.platform.saveSubscription = () => Promise.reject(new Error("not allowed"));
    await push("lists-documents");
    expect(checked("lists-documents")).toBe(true);
    expect(find("lists")?.querySelector('[role="alert"]')?.textContent).not.toBe("");
  });
});
