import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Advice, Filled, Found, Side } from "../platform/views";
import type { Platform } from "../platform/platform";
import { DemoPlatform } from "../platform/demo/demo";
import { verdictOf } from "../platform/demo/people";
import { clock } from "./clock.svelte";
import { NOTHING, hintFor } from "./coach";
import { Desk, RECENT } from "./desk.svelte";
import { closedOf, errorWords } from "./errors";
import { LogSearch, PAGE, wholeDay, wholeTime } from "./log.svelte";
import { preferences } from "./preferences.svelte";
import { Preview } from "./preview.svelte";

const demo = (wish = "camera=off") => new DemoPlatform(new URLSearchParams(wish));

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  preferences.set({ returnSeconds: 30 });
});

afterEach(() => vi.useRealTimers());

describe("a new desk", () => {
  it("asks what its place asks as soon as it is enrolled", async () => {
    const it = new Desk(demo("camera=off&enrolled=0&scene=hotel"));
    await it.start();
    expect(it.scene?.id).toBe("general");
    await it.enrol("https://example.org", "ABCDEF", "1");
    expect(it.scene?.id).toBe("hotel");
  });
});

describe("a shift", () => {
  it("begins with a sign-in, and what was seen last is shown after it", async () => {
    const ways = [
      (it: Desk) => it.signIn("chen", "1234"),
      (it: Desk) => it.presentText("YANMA-BADGE-x"),
      // As a scanner sends it that says which symbology it was.
      (it: Desk) => it.presentText("]Q1YANMA-BADGE-x"),
    ];
    for (const signIn of ways) {
      const it = new Desk(demo("camera=off&staffed&signin"));
      await it.start();
      expect([it.broken, it.station?.signInNeeded, it.recent]).toEqual([null, true, []]);
      await signIn(it);
      expect([it.broken, it.station?.signInNeeded]).toEqual([null, false]);
      expect(it.recent).not.toEqual([]);
    }
  });
});

describe("what a device reads for the form", () => {
  async function desk(): Promise<[Desk, (filled: Filled) => void]> {
    const platform = demo("camera=off&scene=hospital");
    let hear: (filled: Filled) => void = () => undefined;
    platform.onFilled = async (hearer) => {
      hear = hearer;
      return () => undefined;
    };
    const made = new Desk(platform);
    await made.start();
    return [made, hear];
  }
  const SLIP = { field: "appointment", answer: "YY-017" };

  it("is of whoever is shown, and joins what was filled in", async () => {
    const [it, hear] = await desk();
    const verdict = verdictOf("admit");
    it.hear(verdict);
    it.fillIn(verdict.entry, { purpose: "clinic" });
    hear(SLIP);
    expect(it.answers(verdict.entry)).toEqual({ purpose: "clinic", appointment: "YY-017" });
    expect(it.kept).toEqual({});
  });

  it("waits for the next person where nobody is shown, and for nobody else", async () => {
    const [it, hear] = await desk();
    hear(SLIP);
    hear({ field: "temperature", answer: "36.8" });
    const [first, second] = [verdictOf("admit"), verdictOf("old", 5)];
    it.hear(first);
    expect(it.answers(first.entry)).toEqual({ appointment: "YY-017", temperature: "36.8" });
    it.hear(second);
    expect(it.answers(second.entry)).toBeUndefined();
  });

  it("is forgotten when nobody comes, and when the next person is called", async () => {
    const [it, hear] = await desk();
    hear(SLIP);
    vi.advanceTimersByTime(119_999);
    expect(it.kept).toEqual({ appointment: "YY-017" });
    vi.advanceTimersByTime(1);
    expect(it.kept).toEqual({});
    hear(SLIP);
    it.clear();
    expect(it.kept).toEqual({});
  });

  it("is not about somebody who is looked up again", async () => {
    const [it, hear] = await desk();
    const verdict = verdictOf("admit");
    it.hear(verdict);
    it.lookBack(verdict);
    hear(SLIP);
    expect(it.answers(verdict.entry)).toBeUndefined();
    expect(it.kept).toEqual({ appointment: "YY-017" });
  });
});

describe("the panel", () => {
  async function desk(): Promise<Desk> {
    const made = new Desk(demo());
    await made.start();
    return made;
  }

  it("shows what comes and makes room after the time that was chosen", async () => {
    const it = await desk();
    it.hear(verdictOf("orange"));
    expect(it.shown?.verdict.decision).toBe("refuse");
    vi.advanceTimersByTime(29_999);
    expect(it.shown).not.toBeNull();
    vi.advanceTimersByTime(1);
    expect(it.shown).toBeNull();
  });

  it("tells of the turnstile as of the person before, when somebody else is shown by then", async () => {
    const it = new Desk(demo("camera=off&passage=failed"));
    await it.start();
    it.hear(verdictOf("orange"));
    vi.advanceTimersByTime(700);
    expect(it.passage).toMatchObject({ passage: "failed", before: true });
    it.clear();
    it.hear({ ...verdictOf("admit"), entry: "demo" });
    expect(it.passage).toBeNull();
  });

  it("keeps a verdict until the next person when told to", async () => {
    preferences.set({ returnSeconds: 0 });
    const it = await desk();
    it.hear(verdictOf("admit"));
    vi.advanceTimersByTime(3_600_000);
    expect(it.shown).not.toBeNull();
  });

  it("takes the same verdict once, whether by answer or by event", async () => {
    const it = await desk();
    const verdict = verdictOf("admit");
    it.hear(verdict);
    const before = it.recent.length;
    it.clear();
    it.hear({ ...verdict });
    expect(it.shown).toBeNull();
    expect(it.recent).toHaveLength(before);
  });

  it("does not begin anew when the same code is held up again", async () => {
    const it = await desk();
    const verdict = verdictOf("admit");
    it.hear(verdict);
    const shown = it.shown;
    vi.advanceTimersByTime(29_000);
    it.hear({ ...verdict, elapsedMs: verdict.elapsedMs + 3 });
    expect(it.shown).toBe(shown);
    vi.advanceTimersByTime(29_000);
    expect(it.shown).toBe(shown);
    it.clear();
    it.hear({ ...verdict, elapsedMs: verdict.elapsedMs + 5 });
    expect(it.shown?.verdict.entry).toBe(verdict.entry);
  });

  it("stays under the hands of whoever fills in the form, and not for ever", async () => {
    const it = await desk();
    const verdict = verdictOf("admit");
    it.hear(verdict);
    vi.advanceTimersByTime(29_000);
    it.fillIn(verdict.entry, { room: "1208" });
    vi.advanceTimersByTime(179_000);
    expect(it.shown?.verdict.entry).toBe(verdict.entry);
    vi.advanceTimersByTime(1_000);
    expect(it.shown).toBeNull();
  });

  it("keeps what was filled in when a card joins the code, and for nobody else", async () => {
    const it = await desk();
    const code = verdictOf("admit");
    it.hear(code);
    it.fillIn(code.entry, { room: "1208" });
    const joined = { ...verdictOf("matched"), amends: code.entry };
    it.hear(joined);
    expect(it.answers(joined.entry)).toEqual({ room: "1208" });
    const next = verdictOf("admit");
    it.hear(next);
    expect([it.answers(joined.entry), it.answers(next.entry)]).toEqual([undefined, undefined]);
  });

  it("says what a worse answer overturned", async () => {
    const it = await desk();
    it.hear(verdictOf("admit"));
    it.hear(verdictOf("corrected"));
    expect(it.shown).toMatchObject({ was: "admit", again: false, verdict: { decision: "refuse" } });
  });

  it("leaves whoever stands there when a later word is no worse than what was said", async () => {
    const it = await desk();
    const page = verdictOf("admit");
    it.hear(page);
    const chip = { ...verdictOf("chip"), amends: page.entry, later: true };
    it.hear(chip);
    expect(it.shown?.verdict.entry).toBe(chip.entry);
    const next = verdictOf("orange");
    it.hear(next);
    const good = { ...verdictOf("admit"), amends: chip.entry, later: true };
    it.hear(good);
    expect(it.shown?.verdict.entry).toBe(next.entry);
    expect(it.recent[0]?.entry).toBe(good.entry);
    it.hear(page);
    expect(it.shown?.verdict.entry, "what a chip came to was told of it").toBe(next.entry);
    it.clear();
    it.hear({ ...verdictOf("admit"), amends: next.entry, later: true });
    expect(it.shown).toBeNull();
    it.hear({ ...verdictOf("corrected"), amends: good.entry, later: true });
    expect(it.shown?.verdict.decision).toBe("refuse");
  });

  it("says so even when the panel had already made room", async () => {
    const it = await desk();
    it.hear(verdictOf("admit"));
    vi.advanceTimersByTime(31_000);
    it.hear(verdictOf("corrected"));
    expect(it.shown?.was).toBe("admit");
  });

  it("does not take another person's verdict for a correction", async () => {
    const it = await desk();
    it.hear(verdictOf("admit"));
    it.hear(verdictOf("orange"));
    expect(it.shown?.was).toBeNull();
  });

  it("looks back at the last one, marked as such", async () => {
    const it = await desk();
    it.hear(verdictOf("orange"));
    it.clear();
    it.lookBack();
    expect(it.shown).toMatchObject({ again: true, verdict: { decision: "refuse" } });
  });

  it("lets a new person's verdict replace what was looked up", async () => {
    const it = await desk();
    it.lookBack();
    it.hear(verdictOf("mismatch"));
    expect(it.shown).toMatchObject({ again: false, verdict: { decision: "refer" } });
  });

  it("keeps the last few only", async () => {
    const it = await desk();
    for (let i = 0; i < RECENT + 3; i++) it.hear(verdictOf("admit"));
    expect(it.recent).toHaveLength(RECENT);
  });

  it("says that half a code is no verdict", async () => {
    const it = await desk();
    await it.presentText("HTTPS://Y");
    expect(it.unfinished).toBe(true);
    expect(it.shown).toBeNull();
  });

  it("leaves no verdict standing when the next reading could not be checked", async () => {
    const platform = demo();
    let miss: () => void = () => undefined;
    platform.onUnchecked = async (hearer) => {
      miss = hearer;
      return () => undefined;
    };
    const it = new Desk(platform);
    await it.start();
    const ways = [
      async () => miss(),
      async () => {
        platform.presentText = () => Promise.reject(new Error("the store cannot be read"));
        await expect(it.presentText("HTTPS://YM.TEST/1")).rejects.toThrow();
      },
    ];
    for (const way of ways) {
      it.hear(verdictOf("admit"));
      await way();
      expect([it.shown, it.unchecked]).toEqual([null, true]);
      it.hear(verdictOf("orange"));
      expect([it.shown?.verdict.decision, it.unchecked]).toEqual(["refuse", false]);
    }
  });

  it("counts the age of the data on between two messages", async () => {
    const it = await desk();
    expect(it.ageSeconds).toBe(12);
    clock.now = Date.now() + 60_000;
    expect(it.ageSeconds).toBe(72);
  });

  it("has no age when there is no data", async () => {
    const it = new Desk(demo("camera=off&tier=none"));
    await it.start();
    expect(it.ageSeconds).toBeNull();
  });

  it("says when the engine cannot be reached", async () => {
    const platform = demo();
    platform.station = () => Promise.reject(new Error("no engine"));
    const it = new Desk(platform);
    await it.start();
    expect(String(it.broken)).toContain("no engine");
  });
});

describe("a desk that does not open", () => {
  it("says why in words, and works once it is tried again", async () => {
    const it = new Desk(demo("closed=diskFull"));
    await it.start();
    expect(closedOf(it.broken)?.why).toBe("diskFull");
    expect(errorWords(it.broken)).toBe("磁盘已满。");
    expect(it.station).toBeNull();
    await it.start();
    expect(it.broken).toBeNull();
    expect(it.station).not.toBeNull();
  });
});

describe("advice to whoever holds the phone", () => {
  const square = (x: number, y: number, side: number, kind: Found["kind"] = "code"): Found => ({
    corners: [[x, y], [x + side, y], [x + side, y + side], [x, y + side]],
    width: 1280,
    height: 720,
    symbology: "QRCode",
    kind,
  });

  it.each<[string, Found | null, string]>([
    ["nothing", null, "show"],
    ["no outline", { ...square(0, 0, 1), corners: [] }, "show"],
    ["good", square(500, 200, 300), "seen"],
    ["far", square(600, 300, 100), "closer"],
    ["near", square(300, 20, 680), "back"],
    ["left edge", square(2, 200, 300), "middle"],
    ["bottom edge", square(500, 415, 300), "middle"],
    ["somebody else's", square(500, 200, 300, "other"), "other"],
  ])("%s", (_name, found, hint) => {
    expect(hintFor({ found, advice: null }, "guest")).toBe(hint);
  });

  const said = (hint: Advice["hint"], read = 0, of = 0): Advice => ({ hint, read, of });

  it.each<[Advice, string]>([
    [said("too-far"), "closer"],
    [said("too-close"), "back"],
    [said("cut-off"), "middle"],
    [said("glare"), "glare"],
    [said("too-dark"), "dark"],
    [said("blur"), "still"],
    [said("unclear"), "unclear"],
    [said("parts", 1, 3), "parts"],
    [said("parts", 2), "moreParts"],
  ])("of an unread code: %o", (advice, hint) => {
    expect(hintFor({ found: null, advice }, "guest")).toBe(hint);
    expect(hintFor({ found: square(500, 200, 300), advice }, "guest")).toBe("seen");
  });

  it.each<[Advice | null, string]>([
    [null, "lay"],
    [said("glare"), "turn"],
    [said("too-dark"), "light"],
    [said("blur"), "still"],
  ])("of what lies on the counter: %o", (advice, hint) => {
    expect(hintFor({ found: null, advice }, "document")).toBe(hint);
  });

  it("is that of the camera that gave it", async () => {
    const it = new Desk(demo("camera=off&document=off&advice=glare&advised=document"));
    await it.start();
    expect(it.sees).toEqual({ guest: NOTHING, document: { found: null, advice: said("glare") } });
  });
});

describe("the live picture", () => {
  /** One picture of a platform that has two. */
  function watched(platform: Platform = demo(), side: Side = "guest"): { preview: Preview; send: (jpeg: ArrayBuffer) => void; acks: () => number } {
    let send: (jpeg: ArrayBuffer) => void = () => undefined;
    let acks = 0;
    const { ackFrame } = platform;
    platform.startPreview = (of, onFrame) => {
      if (of === side) send = onFrame;
      return Promise.resolve();
    };
    platform.ackFrame = (of) => {
      if (of !== side) return ackFrame(of);
      acks += 1;
      return Promise.resolve();
    };
    const preview = new Preview(platform, side);
    void preview.start();
    return { preview, send: (jpeg) => send(jpeg), acks: () => acks };
  }

  beforeEach(() => {
    let made = 0;
    vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${++made}`);
    vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => undefined);
  });

  afterEach(() => vi.restoreAllMocks());
  const frame = new ArrayBuffer(8);

  it("drops and acknowledges frames that nobody looks at", () => {
    const { preview, send, acks } = watched();
    send(frame);
    expect([preview.url, acks()]).toEqual([null, 1]);
  });

  it("acknowledges a frame when it is painted and lets the one before go", () => {
    const { preview, send, acks } = watched();
    preview.watch();
    send(frame);
    expect([preview.url, acks()]).toEqual(["blob:1", 0]);
    preview.painted();
    send(frame);
    expect(URL.revokeObjectURL).not.toHaveBeenCalled();
    preview.painted();
    expect(URL.revokeObjectURL).toHaveBeenCalledExactlyOnceWith("blob:1");
    expect([preview.url, acks()]).toEqual(["blob:2", 2]);
  });

  it("drops frames that come while one is on its way to the screen", () => {
    const { preview, send, acks } = watched();
    preview.watch();
    send(frame);
    send(frame);
    send(frame);
    expect([preview.url, acks()]).toEqual(["blob:1", 2]);
  });

  it("of one side waits for nothing of the other", () => {
    const platform = demo();
    const [guest, counter] = [watched(platform, "guest"), watched(platform, "document")];
    guest.preview.watch();
    counter.preview.watch();
    guest.send(frame);
    counter.send(frame);
    counter.preview.painted();
    counter.send(frame);
    counter.preview.painted();
    expect([guest.preview.url, guest.acks()]).toEqual(["blob:1", 0]);
    expect([counter.preview.url, counter.acks()]).toEqual(["blob:3", 2]);
  });

  it("owes no acknowledgement and keeps no picture once nobody looks", () => {
    const { preview, send, acks } = watched();
    const stop = preview.watch();
    send(frame);
    stop();
    expect([preview.url, acks()]).toEqual([null, 1]);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1");
  });
});

describe("the log", () => {
  it("pages back and forth", async () => {
    const log = new LogSearch(demo());
    await log.search();
    const first = log.rows.map((r) => r.number);
    expect(first).toHaveLength(PAGE);
    await log.older();
    expect(log.rows[0]?.number).toBe((first.at(-1) ?? 0) - 1);
    expect(log.page).toBe(2);
    await log.newer();
    expect(log.rows.map((r) => r.number)).toEqual(first);
    expect(log.page).toBe(1);
  });

  it("starts at the newest again when the search changes", async () => {
    const log = new LogSearch(demo());
    await log.search();
    await log.older();
    log.text = "S-EXP";
    await log.search();
    expect(log.page).toBe(1);
    expect(log.rows.every((r) => r.reasons.includes("S-EXP"))).toBe(true);
  });

  it("is not overtaken by an earlier, slower search", async () => {
    const platform = demo();
    const ask = platform.searchLog.bind(platform);
    let release: () => void = () => undefined;
    platform.searchLog = async (filter) => {
      if (filter.text === null) await new Promise<void>((done) => (release = done));
      return ask(filter);
    };
    const log = new LogSearch(platform);
    const slow = log.search();
    log.text = "C-ORA";
    await log.search();
    release();
    await slow;
    expect(log.rows.every((r) => r.reasons.includes("C-ORA"))).toBe(true);
  });

  it.each([
    ["", null],
    ["nonsense", null],
    ["2026-2", null],
    [" 2026-11-23 ", "2026-11-23"],
  ])("takes whole days only: %s", (text, day) => {
    expect(wholeDay(text)).toBe(day);
  });

  it.each([
    ["14:30", "14:30"],
    ["", null],
    ["24:00", null],
    ["9:5", null],
    [" 00:00 ", "00:00"],
  ])("takes whole times only: %s", (text, time) => {
    expect(wholeTime(text)).toBe(time);
  });

  it("looks between two times of the days that are named, and of none else", () => {
    const log = new LogSearch(demo());
    [log.sinceTime, log.untilTime] = ["14:00", "15:00"];
    expect(log.filter).toMatchObject({ since: null, until: null });
    [log.fromDay, log.toDay] = ["2026-11-23", "2026-11-23"];
    expect(log.filter).toMatchObject({ from: "2026-11-23", since: "14:00", to: "2026-11-23", until: "15:00" });
  });
});

