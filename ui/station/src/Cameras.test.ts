import { describe, expect, it } from "vitest";
import { flushSync } from "svelte";
import type { Found, Side } from "./platform/views";
import LivePicture from "./screens/check/LivePicture.svelte";
import { DemoPlatform } from "./platform/demo/demo";
import { Desk } from "./state/desk.svelte";
import { Preview } from "./state/preview.svelte";
import { desk, eachInAWindow, find, open, press, put, settle, text } from "./testing";

eachInAWindow();

const shown = () => [...document.querySelectorAll<HTMLElement>("[data-testid=camera]")];
const picture = (side: Side) => document.querySelector<HTMLElement>(`[data-testid=camera][data-side=${side}]`);
const words = (side: Side) => picture(side)?.textContent?.replace(/\s+/g, " ").trim() ?? "";
const SEEN: Found = { corners: [[500, 200], [800, 200], [800, 500], [500, 500]], width: 1280, height: 720, symbology: "QRCode", kind: "code" };

/** The live pictures by themselves, with a frame of each camera on them. */
async function pictures(wish: string): Promise<Desk> {
  const desk = new Desk(new DemoPlatform(new URLSearchParams(wish)));
  await desk.start();
  const previews = { guest: new Preview(desk.platform, "guest"), document: new Preview(desk.platform, "document") };
  previews.guest.url = "blob:guest";
  previews.document.url = "blob:document";
  put(LivePicture, { desk, previews, ongo: () => undefined });
  flushSync();
  return desk;
}

describe("two cameras", () => {
  it("have a picture each, with its side's name", async () => {
    await open("camera=off&document=opening&lang=en");
    expect(shown().map(({ dataset }) => dataset["side"])).toEqual(["guest", "document"]);
    expect(words("document")).toContain("Document side");
    expect(text("verdict")).not.toContain("under its camera");
  });

  it("are two ways to be checked while both work", async () => {
    await open("camera=off&document=working&lang=en");
    expect(text("verdict")).toContain("Lay the document under its camera");
  });

  it("are one where no second was chosen", async () => {
    await open("camera=off&lang=en");
    expect(shown().map(({ dataset }) => dataset["side"])).toEqual(["guest"]);
    expect(words("guest")).not.toContain("Guest side");
  });

  it("show an outline and advice where they were seen, and nowhere else", async () => {
    const desk = await pictures("document=working&lang=en");
    desk.sees = { ...desk.sees, document: { found: SEEN, advice: null } };
    flushSync();
    expect(picture("document")?.querySelector("polygon")).not.toBeNull();
    expect(picture("guest")?.querySelector("polygon")).toBeNull();
    expect([words("guest"), words("document")]).toEqual([expect.stringContaining("Hold the code in view"), expect.stringContaining("Seen, one moment")]);
  });

  it("change places when the small one is pressed", async () => {
    await pictures("document=working&lang=en");
    const enlarge = () => find<HTMLButtonElement>("camera-enlarge");
    expect(enlarge()?.getAttribute("aria-label")).toBe("Show large: Document side");
    enlarge()?.click();
    await settle();
    expect(shown().map(({ dataset }) => dataset["side"])).toEqual(["document", "guest"]);
    expect(enlarge()?.getAttribute("aria-label")).toBe("Show large: Guest side");
    expect(document.activeElement).toBe(enlarge());
    expect(picture("guest")?.querySelector("img")?.getAttribute("src")).toBe("blob:guest");
  });

  it("say of themselves that they are out, and the other goes on", async () => {
    await pictures("document=lost&lang=en");
    expect(words("document")).toContain("Document Camera is unplugged");
    expect(picture("document")?.querySelector("img")).toBeNull();
    expect(picture("guest")?.querySelector("img")).not.toBeNull();
  });

  it("are chosen by side, and never the same for both", async () => {
    await open("camera=off&document=working&lang=en");
    await press("F3");
    const of = (side: Side) => find<HTMLSelectElement>(`camera-of-${side}`);
    const choose = async (side: Side, id: string) => {
      const select = of(side);
      if (!select) throw new Error(side);
      select.value = id;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      await settle();
    };
    expect([of("guest")?.value, of("document")?.value]).toEqual(["camera-0", "camera:Document Camera@1-3:1.0"]);
    await choose("document", "camera-0");
    expect(document.querySelector(".card [role=alert]")?.textContent).toContain("the other side uses that camera");
    expect([of("document")?.value, desk.settings?.documentCamera]).toEqual(Array(2).fill("camera:Document Camera@1-3:1.0"));
    await choose("document", "");
    expect(document.querySelector(".card [role=alert]")).toBeNull();
    expect(desk.settings?.documentCamera).toBeNull();
    await choose("guest", "none");
    expect(desk.settings?.camera).toBe("none");
    expect(of("guest")?.selectedOptions[0]?.textContent).toBe("No camera");
    expect([...(of("guest")?.options ?? [])].filter(({ value }) => value === "none")).toHaveLength(1);
    await choose("guest", "");
    expect(desk.settings?.camera).toBeNull();
  });
});
