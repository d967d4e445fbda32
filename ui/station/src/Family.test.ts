import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import type { FamilyMember } from "./platform/views";
import { desk, eachInAWindow, find, open, settle } from "./testing";

eachInAWindow();

const MEMBERS: FamilyMember[] = ["a", "b", "c"].map((id) => ({
  id,
  text: id.repeat(204),
  name: `${id}*`,
  documentType: "resident-id",
}));

async function push(id: string): Promise<void> {
  find(id)?.click();
  flushSync();
  await settle();
}

/** Presses "check", and waits for the last of them. */
async function check(): Promise<void> {
  await push("family-check");
  await vi.waitFor(() => expect(desk.family?.busy).toBe(false));
  flushSync();
}

async function meet(members = MEMBERS): Promise<void> {
  desk.meet(members);
  flushSync();
  await settle();
}

const decisions = () =>
  [...document.querySelectorAll<HTMLElement>("[data-testid='family-member']")].map((row) => row.dataset["decision"] ?? null);

/** The same family, as a phone shows it a minute later. */
const RENEWED = MEMBERS.map((member) => ({ ...member, text: `${member.text}x` }));

/** All are said to be here before a turnstile, and the first is checked; what was presented is watched. */
async function checkAllBeforeTurnstile() {
  await open("camera=off");
  await desk.save({ turnstile: "modbus:/dev/ttyUSB0" });
  const present = vi.spyOn(desk.platform, "presentText");
  await meet();
  await push("family-all");
  await check();
  return present;
}

describe("a family's code", () => {
  it("has nobody checked before it is said who is here, and then those alone", async () => {
    await open("camera=off&family");
    const present = vi.spyOn(desk.platform, "presentText");
    await meet();
    expect(find<HTMLButtonElement>("family-check")?.disabled).toBe(true);
    expect(present).not.toHaveBeenCalled();
    await push("family-here-0");
    await push("family-here-2");
    await check();
    expect(present.mock.calls.map(([text]) => text)).toEqual([MEMBERS[0]?.text, MEMBERS[2]?.text]);
    expect(decisions().map(Boolean)).toEqual([true, false, true]);
    expect(desk.shown).toBeNull();
  });

  it("keeps who was ticked when a phone renews its codes, and begins anew for others", async () => {
    await open("camera=off");
    await meet();
    await push("family-here-1");
    await meet(RENEWED);
    expect(find<HTMLInputElement>("family-here-1")?.checked).toBe(true);
    await meet(MEMBERS.slice(0, 2));
    expect(find<HTMLInputElement>("family-here-1")?.checked).toBe(false);
  });

  it("has the last of them checked by the codes that the phone shows by then", async () => {
    const present = await checkAllBeforeTurnstile();
    await meet(RENEWED);
    desk.clear();
    flushSync();
    expect(find<HTMLInputElement>("family-here-1")?.checked).toBe(true);
    await check();
    expect(present.mock.calls.map(([text]) => text)).toEqual([MEMBERS[0]?.text, `${MEMBERS[1]?.text}x`]);
  });

  it("is still there after one of them was gone on with, and gone with the next person", async () => {
    await open("camera=off&family");
    await meet();
    await push("family-all");
    await check();
    await push("family-open");
    expect(desk.shown?.verdict.entry).toBe(desk.family?.rows[0]?.verdict?.entry);
    desk.clear();
    flushSync();
    expect(decisions()).toHaveLength(3);
    await desk.presentNumber("resident-id", "350100190001010012");
    flushSync();
    expect(desk.family).toBeNull();
  });

  it("goes before a turnstile one by one", async () => {
    const present = await checkAllBeforeTurnstile();
    expect(present).toHaveBeenCalledTimes(1);
    expect(desk.shown?.verdict.entry).toBe(desk.family?.rows[0]?.verdict?.entry);
  });
});
