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
    expect(save).toHaveBeenLastCalledWith(true, [0, 36]);
    expect(checked("lists-region-33")).toBe(false);
    await push("lists-documents");
    expect(save).toHaveBeenLastCalledWith(false, [0, 36]);
    await push("lists-region-33");
    expect(save).toHaveBeenLastCalledWith(false, null);
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
