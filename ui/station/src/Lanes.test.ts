import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { desk, eachInAWindow, find, open, press, settle } from "./testing";

eachInAWindow();

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

describe("the other lanes", () => {
  it("stand above the flights, and one that is not heard stands in the bar", async () => {
    await open("camera=off&scene=airport&lanes=silent");
    expect(find("status-lanes")?.textContent).toContain("1");
    await press("F11");
    await settle();
    expect(all("lane").map((one) => one.dataset["silent"])).toEqual(["false", "true"]);
    expect(all("lane")[1]?.textContent).toMatch(/3.*\d\d:\d\d/s);
    // 27 are missing, and eight of them are on a list of this desk.
    expect(find("flight-missing-elsewhere")?.textContent).toContain("19");
  });

  it("are no trouble while all are heard", async () => {
    await open("camera=off&scene=airport&lanes=heard");
    expect(find("status-lanes")).toBeNull();
  });

  it("say that none was ever heard", async () => {
    await open("camera=off&scene=general&lanes=alone");
    expect(find("status-lanes")).not.toBeNull();
    await press("F11");
    await settle();
    expect(find("lanes-alone")).not.toBeNull();
  });

  it("are nothing to a desk that is no lane", async () => {
    await open("camera=off&scene=general");
    await press("F11");
    await settle();
    expect(find("status-lanes") ?? find("lanes-alone") ?? find("lane")).toBeNull();
  });

  it("have let in people whose names are not here", async () => {
    await open("camera=off&scene=general&lanes=heard");
    await press("F11");
    await settle();
    expect(find("inside-elsewhere")?.textContent).toContain("4");
  });

  it("have let through whoever is at the desk", async () => {
    await open("camera=off&scene=airport&verdict=elsewhere");
    await vi.waitFor(() => expect(find("verdict-elsewhere")).not.toBeNull());
    expect(find("verdict-elsewhere")?.textContent).toMatch(/MF8101/);
  });
});

describe("counting together", () => {
  it("begins with a key that is shown once, or with that of another desk", async () => {
    await open("camera=off&scene=airport");
    await press("F4");
    await settle();
    const input = find("lanes-key") as HTMLInputElement;
    input.value = "5a5a";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    await push("lanes-join");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    await push("lanes-make");
    expect(find("lane-key")?.textContent).toContain("5a5a");
    const setLaneKey = vi.spyOn(desk.platform, "setLaneKey");
    await push("lanes-leave");
    expect(setLaneKey).toHaveBeenCalledWith(null);
    expect(find("lanes-on")).toBeNull();
  });
});
