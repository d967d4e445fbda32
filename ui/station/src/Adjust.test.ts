import { beforeEach, describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { DemoPlatform } from "./platform/demo/demo";
import { CommandFailed } from "./platform/platform";
import type { ControlKind, Side } from "./platform/views";
import { desk, eachInAWindow, find, open, press, settle, text } from "./testing";

eachInAWindow();

/** What the engine was told: control, value and whether to keep it. */
const told: [ControlKind, number | null, boolean][] = [];

beforeEach(() => {
  told.length = 0;
});

/** The sliders of a side's camera, opened from the page of devices. */
async function adjust(wish = "", side: Side = "guest"): Promise<void> {
  await open(`camera=working&document=working&lang=en&${wish}`);
  const set = desk.platform.setCameraControl;
  desk.platform.setCameraControl = (of, kind, value, keep) => {
    told.push([kind, value, keep]);
    return set(of, kind, value, keep);
  };
  await press("F3");
  find<HTMLButtonElement>(`adjust-${side}`)?.click();
  await settle();
}

const control = (kind: ControlKind) => find(`control-${kind}`);
const slider = (kind: ControlKind) => control(kind)?.querySelector<HTMLInputElement>("input[type=range]");
const box = (kind: ControlKind) => control(kind)?.querySelector<HTMLInputElement>("input[type=checkbox]");
const value = (kind: ControlKind) => control(kind)?.querySelector("output")?.textContent;

async function slide(kind: ControlKind, ...values: number[]): Promise<void> {
  const input = slider(kind);
  if (!input) throw new Error(`no ${kind}`);
  for (const to of values) {
    input.value = String(to);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  await settle();
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

describe("the picture of a camera", () => {
  it("has a slider for whatever the camera has, beside its picture", async () => {
    await adjust();
    expect(text("adjust")).toContain("Adjust the picture · Guest side");
    expect(find("adjust")?.querySelector("[data-testid=camera][data-side=guest]")).not.toBeNull();
    expect(document.activeElement).toBe(find("adjust"));
    const limits = (["brightness", "focus"] as const).map((kind) => [slider(kind)?.min, slider(kind)?.max, slider(kind)?.step]);
    expect(limits).toEqual([["-64", "64", "1"], ["0", "250", "5"]]);
    expect([box("brightness"), box("focus")?.checked]).toEqual([null, true]);
    expect([value("brightness"), value("focus"), slider("focus")?.getAttribute("aria-valuetext")]).toEqual(["0", "", "Automatic"]);
    find<HTMLButtonElement>("adjust-close")?.click();
    await settle();
    expect(document.activeElement).toBe(find("adjust-guest"));
  });

  it("follows a slider ten times a second at most, and the last value always", async () => {
    await adjust();
    await slide("brightness", 1, 2, 3);
    expect([value("brightness"), told]).toEqual(["3", [["brightness", 1, false]]]);
    await pass(99);
    expect(told).toHaveLength(1);
    await pass(1);
    expect(told).toEqual([["brightness", 1, false], ["brightness", 3, false]]);
    await slide("brightness", 4);
    await pass(400);
    expect([value("brightness"), told.at(-1)]).toEqual(["4", ["brightness", 4, false]]);
    await pass(200);
    expect(told.slice(3)).toEqual([["brightness", 4, true]]);
  });

  it("is kept as it was left when the sliders are closed at once", async () => {
    await adjust();
    await slide("contrast", 50);
    find<HTMLButtonElement>("adjust-close")?.click();
    await pass(1000);
    expect(told).toEqual([["contrast", 50, false], ["contrast", 50, true]]);
  });

  it("is the camera's own business until a slider is moved, or the box unticked", async () => {
    await adjust();
    await slide("focus", 30);
    expect([box("focus")?.checked, value("focus")]).toEqual([false, "30"]);
    box("exposure")?.click();
    await pass(1000);
    expect([box("exposure")?.checked, value("exposure")]).toEqual([false, "157"]);
    box("focus")?.click();
    await pass(1000);
    expect([box("focus")?.checked, told.at(-1)]).toEqual([true, ["focus", null, true]]);
  });

  it("is as it came with one press, and what was wished before that is forgotten", async () => {
    await adjust();
    await slide("focus", 30);
    await pass(1000);
    told.length = 0;
    await slide("brightness", 9, 10);
    find<HTMLButtonElement>("adjust-reset")?.click();
    await pass(1000);
    expect([value("brightness"), box("focus")?.checked, told]).toEqual(["0", true, [["brightness", 9, false]]]);
  });

  it("has nothing to set where the camera has nothing, and says so when asked", async () => {
    await adjust("controls=none", "document");
    expect(text("adjust-nothing")).toBe("Nothing can be set at this camera.");
    expect(find("adjust-reset")).toBeNull();
  });

  it("is what the camera has when it takes no value, which is said", async () => {
    await adjust();
    desk.platform.setCameraControl = () => Promise.reject(new CommandFailed({ kind: "camera", detail: { why: "refused" } }));
    await slide("brightness", 40);
    await pass(1000);
    expect([value("brightness"), slider("brightness")?.value]).toEqual(["0", "0"]);
    expect(find("adjust")?.querySelector("[role=alert]")?.textContent).toContain("did not take it");
  });

  it("waits for a camera that was pulled out, and asks it anew", async () => {
    await adjust();
    const state = (state: "lost" | "working") => {
      const devices = desk.station?.devices.map((one) => (one.side === "guest" ? { ...one, state } : one)) ?? [];
      if (desk.station) desk.station = { ...desk.station, devices };
    };
    state("lost");
    await settle();
    expect([slider("brightness")?.disabled, text("adjust").includes("is unplugged")]).toEqual([true, true]);
    await (desk.platform as DemoPlatform).setCameraControl("guest", "brightness", 7, true);
    state("working");
    await settle();
    expect([slider("brightness")?.disabled, value("brightness")]).toEqual([false, "7"]);
  });

  it.each([
    ["who may", "", [false, true]],
    ["who may not", "&operator", [false, false]],
  ])("is offered under a camera that works, to those %s", async (_who, wish, offered) => {
    await open(`camera=lost&document=working&lang=en${wish}`);
    await press("F3");
    expect([find("adjust-guest"), find("adjust-document")].map(Boolean)).toEqual(offered);
  });
});
