import { flushSync } from "svelte";
import { describe, expect, it, vi } from "vitest";
import { verdictOf } from "./platform/demo/people";
import { desk, eachInAWindow, fill, find, open, press, settle, text } from "./testing";

eachInAWindow();

describe("who is expected", () => {
  it("says which room is meant, and fills it in", async () => {
    await open("camera=off&scene=hotel");
    desk.hear(verdictOf("booked"));
    flushSync();
    expect(text("expectation")).toContain("房间 1208");
    expect(find<HTMLInputElement>("finish-room")?.value).toBe("1208");
    expect(find<HTMLInputElement>("finish-nights")?.value).toBe("2");
    desk.hear(verdictOf("walkin"));
    flushSync();
    expect(find("expectation")?.dataset["state"]).toBe("walkIn");
    expect(find<HTMLInputElement>("finish-room")?.value).toBe("");
  });

  it("lets a scene without a room finish whoever is booked with one", async () => {
    await open("camera=off&scene=hospital");
    desk.hear(verdictOf("booked"));
    flushSync();
    const finish = vi.spyOn(desk.platform, "finish");
    find<HTMLFormElement>("finish")?.requestSubmit();
    await settle();
    expect(finish.mock.calls[0]?.[1].answers).toEqual({});
  });

  it("keeps what was typed when a further word on the same person comes", async () => {
    await open("camera=off&scene=hotel");
    const verdict = verdictOf("walkin");
    desk.hear(verdict);
    flushSync();
    fill("finish-room", "0815");
    desk.hear({ ...verdictOf("booked"), amends: verdict.entry });
    flushSync();
    expect(find<HTMLInputElement>("finish-room")?.value).toBe("0815");
  });

  it("takes in a list that was pasted, and says what is wrong with lines", async () => {
    await open("camera=off&scene=general&staffed");
    await press("F11");
    await settle();
    find("guests-lists")?.click();
    flushSync();
    await settle();
    expect(find("guests-register"), "no register outside hotels").toBeNull();
    const paste = find<HTMLTextAreaElement>("list-paste");
    if (!paste) throw new Error("no field");
    paste.value = "姓名,证件号码\n林小明,350100190001010012\n";
    paste.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    find("list-take")?.click();
    for (let i = 0; i < 6; i++) await settle();
    expect(text("lists-said")).toContain("gb18030");
    expect(document.querySelector('[data-testid="listed"][data-line="8"]')?.textContent).toContain("与第 2 行是同一人");
    find("list-show-refuse")?.click();
    flushSync();
    expect(document.querySelectorAll('[data-testid="listed"]')).toHaveLength(1);
  });

  it("asks before a list is deleted, and lets no operator take one out", async () => {
    await open("camera=off&scene=general&operator");
    await press("F11");
    await settle();
    find("guests-lists")?.click();
    flushSync();
    await settle();
    expect(find("list-export")).toBeNull();
    find("list-forget")?.click();
    flushSync();
    expect(find("list")).not.toBeNull();
    find("list-forget-sure")?.click();
    await settle();
    expect(find("list")).toBeNull();
  });
});

describe("guests of one room", () => {
  it("are registered one after the other, and leave together", async () => {
    await open("camera=off&scene=hotel");
    await press("F11");
    await settle();
    find("guests-register")?.click();
    flushSync();
    await settle();
    expect(find("guest-out-all"), "nobody came with anybody").toBeNull();
    document.querySelector<HTMLElement>('[data-testid="guest-with"]')?.click();
    for (let i = 0; i < 3; i++) await settle();
    document.querySelector<HTMLElement>('[data-testid="guest-form"] button[type=submit]')?.click();
    for (let i = 0; i < 3; i++) await settle();
    const another = find("guest-another");
    expect(another?.textContent).toContain("1208");
    const rows = () => document.querySelectorAll('[data-testid="guest"]').length;
    const before = rows();
    find("guest-out-all")?.click();
    for (let i = 0; i < 4; i++) await settle();
    expect(rows()).toBe(before - 2);
  });
});
