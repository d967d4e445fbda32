import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, find, open, press, settle } from "./testing";

eachInAWindow();

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-testid="inside-row"]')];

async function push(element: HTMLElement | null | undefined): Promise<void> {
  element?.click();
  flushSync();
  await settle();
}

describe("who is inside", () => {
  it("is a number in the status bar that opens the list", async () => {
    await open("camera=off&scene=general");
    expect(find("status-inside")?.textContent).toContain("6");
    await push(find("status-inside"));
    expect(rows().length).toBe(6);
  });

  it("is left by the entry with which they came", async () => {
    await open("camera=off&scene=general");
    await press("F11");
    await settle();
    const finish = vi.spyOn(desk.platform, "finish");
    await push(rows()[1]?.querySelector<HTMLElement>('[data-testid="inside-left"]'));
    expect(finish).toHaveBeenCalledWith("inside-1", { action: "left", answers: {}, overriding: null });
    expect(rows().length).toBe(5);
  });

  it("makes leaving the usual thing for whoever is inside, and says since when", async () => {
    await open("camera=off&scene=general&verdict=inside");
    await vi.waitFor(() => expect(find("verdict-inside")).not.toBeNull());
    const finish = vi.spyOn(desk.platform, "finish");
    await press("F10");
    await settle();
    expect(finish.mock.calls[0]?.[1].action).toBe("left");
  });

  it("says what does not fit", async () => {
    await open("camera=off&scene=general&verdict=admit");
    await vi.waitFor(() => expect(find("finish")).not.toBeNull());
    const finish = desk.platform.finish.bind(desk.platform);
    desk.platform.finish = async (entry, done) => ({ ...(await finish(entry, done)), amiss: { kind: "neverCameIn" } });
    await push(find("finish-do-left"));
    expect(find("finished-amiss")?.textContent?.trim()).not.toBe("");
  });

  it("is counted nowhere else", async () => {
    await open("camera=off&scene=hotel");
    expect(find("status-inside")).toBeNull();
  });
});
