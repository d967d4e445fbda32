import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, find, open, press, settle } from "./testing";

eachInAWindow();

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];

async function choose(at: number): Promise<void> {
  all("flight")[at]?.click();
  flushSync();
  await settle();
}

describe("the flights of an airport", () => {
  it("stand before the lists, each with its counts and who is missing", async () => {
    await open("camera=off&scene=airport");
    await press("F11");
    await settle();
    expect(all("flight").map((one) => one.dataset["flight"])).toEqual(["MF8101", "MF8237", "CZ3962", "3U8902"]);
    expect(all("flight")[0]?.textContent).toMatch(/141.*168.*27.*3.*8/s);
    expect(all("flight-missing").length).toBe(8);
    await choose(1);
    expect(all("flight-missing")).toEqual([]);
  });

  it("asks who is missing when it has changed, and not each time it looks", async () => {
    vi.useFakeTimers();
    try {
      await open("camera=off&scene=airport");
      const missing = vi.spyOn(desk.platform, "missing");
      await press("F11");
      await settle();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(missing).toHaveBeenCalledTimes(1);
      const flights = await desk.platform.flights();
      desk.platform.flights = async () => flights.map((one) => ({ ...one, checked: one.checked + 1 }));
      await vi.advanceTimersByTimeAsync(3_000);
      expect(missing).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are no matter of other places", async () => {
    await open("camera=off&scene=hotel");
    await press("F11");
    expect(find("guests-flights")).toBeNull();
  });
});
