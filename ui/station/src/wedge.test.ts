import { describe, expect, it } from "vitest";
import { AFTER_SUFFIX_MS, BURST_GAP_MS, IDLE_MS, type Key, MIN_LENGTH, SUFFIX_GRACE_MS, type Step, Wedge, characterOf, codeSeconds } from "./wedge";

function key(name: string, at: number, more: Partial<Key> = {}): Key {
  const code = /^\d$/.test(name) ? `Digit${name}` : /^[a-z]$/i.test(name) ? `Key${name.toUpperCase()}` : name;
  return { code, key: name, at, shift: false, capsLock: false, command: false, composing: false, repeat: false, ...more };
}

/** Types `text` with `gap` ms between keys; gives the steps and the time of the last key. */
function type(wedge: Wedge, text: string, gap: number, from = 0): { steps: Step[]; end: number } {
  const steps = [...text].map((c, i) => wedge.press(key(c, from + i * gap)));
  return { steps, end: from + (text.length - 1) * gap };
}

describe("what counts as a scanner", () => {
  it.each([
    // gap between keys in ms, whether the whole is taken as a reading
    [0, true],
    [1, true],
    [12, true],
    [BURST_GAP_MS, true],
    [BURST_GAP_MS + 1, false],
    [90, false],
    [200, false],
  ])("%d ms between keys", (gap, taken) => {
    const wedge = new Wedge();
    const { steps, end } = type(wedge, "350100190001010012", gap);
    expect(wedge.press(key("Enter", end + gap)).hold).toBe(taken);
    expect(wedge.idle().text).toBe(taken ? "350100190001010012" : undefined);
    expect(steps.filter((s) => s.hold).length).toBe(taken ? 16 : 0);
  });

  it("holds from the third key on and undoes the first two, once", () => {
    const { steps } = type(new Wedge(), "123456", 5);
    expect(steps.map((s) => s.hold)).toEqual([false, false, true, true, true, true]);
    expect(steps.map((s) => s.undo ?? false)).toEqual([false, false, true, false, false, false]);
  });

  it("may pause longer once it is recognised, as some scanners do", () => {
    const wedge = new Wedge();
    type(wedge, "1234", 10);
    const rest = type(wedge, "5678", 10, 30 + IDLE_MS);
    wedge.press(key("Enter", rest.end + 5));
    expect(wedge.idle().text).toBe("12345678");
  });

  it("does not take a held key for a scanner", () => {
    const wedge = new Wedge();
    wedge.press(key("1", 0));
    const held = [30, 60, 90, 120].map((at) => wedge.press(key("1", at, { repeat: true })));
    expect(held.some((s) => s.hold)).toBe(false);
    expect(wedge.press(key("Enter", 140)).hold).toBe(false);
  });
});

describe("how long a health code takes", () => {
  it.each([
    [0, null],
    [2, null],
    [4.2, null],
    [4.3, "1.0"],
    [15, "3.5"],
    [40, "9.4"],
  ])("%d ms between keys: %s s", (gapMs, seconds) => {
    expect(codeSeconds({ length: 18, gapMs, suffix: "Enter" })?.toFixed(1) ?? null).toBe(seconds);
  });
});

describe("the end of a reading", () => {
  it.each([
    [MIN_LENGTH - 1, undefined, "12345"],
    [MIN_LENGTH, "123456", undefined],
  ])("%d characters", (length, text, giveBack) => {
    const wedge = new Wedge();
    const { end } = type(wedge, "123456789".slice(0, length), 5);
    expect(wedge.press(key("Enter", end + 5)).hold).toBe(true);
    const step = wedge.idle();
    expect(step.text).toBe(text);
    expect(step.giveBack).toBe(giveBack);
  });

  it.each(["Enter", "Tab"] as const)("%s after a burst is kept from the page", (name) => {
    const wedge = new Wedge();
    const { end } = type(wedge, "12345678", 5);
    expect(wedge.press(key(name, end + 5)).hold).toBe(true);
    expect(wedge.idle()).toMatchObject({ text: "12345678", facts: { length: 8, gapMs: 5, suffix: name } });
  });

  it("ends by silence when there is no suffix", () => {
    const wedge = new Wedge();
    type(wedge, "12345678", 5);
    expect(wedge.collecting).toBe(true);
    expect(wedge.idle()).toMatchObject({ text: "12345678", facts: { suffix: null } });
    expect(wedge.idle().text).toBeUndefined();
  });

  it.each([
    [SUFFIX_GRACE_MS, true],
    [SUFFIX_GRACE_MS + 1, false],
  ])("Enter %d ms after a silent end: held %s", (after, held) => {
    const wedge = new Wedge();
    const { end } = type(wedge, "12345678", 5);
    wedge.idle();
    expect(wedge.press(key("Enter", end + after)).hold).toBe(held);
  });

  it("takes CR LF and CR TAB as one end", () => {
    const wedge = new Wedge();
    const { end } = type(wedge, "12345678", 5);
    wedge.press(key("Enter", end + 5));
    expect(wedge.press(key("Enter", end + 10)).hold).toBe(true);
    expect(wedge.press(key("Tab", end + 15)).hold).toBe(true);
    expect(wedge.idle().text).toBe("12345678");
  });

  it("takes Enter and Tab inside a text for its own", () => {
    const wedge = new Wedge();
    type(wedge, "I<UTO12", 5);
    wedge.press(key("Enter", 35));
    type(wedge, "7408", 5, 40);
    wedge.press(key("Tab", 60));
    type(wedge, "AB", 5, 65);
    wedge.press(key("Enter", 75));
    expect(wedge.idle().text).toBe("I<UTO12\n7408\tAB");
  });

  it.each([
    // ms between keys, ms from Enter to the next key, whether that key begins another text
    [2, AFTER_SUFFIX_MS + 6, false],
    [2, AFTER_SUFFIX_MS + 7, true],
    [15, AFTER_SUFFIX_MS + 45, false],
    [15, AFTER_SUFFIX_MS + 46, true],
    [40, AFTER_SUFFIX_MS + 120, false],
    [40, AFTER_SUFFIX_MS + 121, true],
    [50, AFTER_SUFFIX_MS + 150, false],
  ])("%d ms a key: %d ms after Enter another text begins: %s", (gap, pause, another) => {
    const wedge = new Wedge();
    const { end } = type(wedge, "12345678", gap);
    wedge.press(key("Enter", end + gap));
    expect(wedge.press(key("9", end + gap + pause)).text).toBe(another ? "12345678" : undefined);
  });

  it("begins a licence with @ and a line end, and presses nothing with it", () => {
    const wedge = new Wedge();
    const ctrl = (code: string, at: number) => wedge.press(key("x", at, { code, command: true }));
    expect(wedge.press(key("@", 0, { code: "Digit2", shift: true })).hold).toBe(false);
    expect(wedge.press(key("Enter", 5))).toEqual({ hold: true, undo: true });
    expect(ctrl("Digit6", 10)).toEqual({ hold: true });
    ctrl("KeyM", 15);
    const { end } = type(wedge, "ANSI", 5, 20);
    ctrl("KeyJ", end + 5);
    expect(wedge.idle().text).toBe("@\n\u001e\rANSI");
  });

  it("keeps two readings apart when the page was too busy to notice the silence", () => {
    const wedge = new Wedge();
    type(wedge, "11111111", 5);
    const second = type(wedge, "22222222", 5, 35 + IDLE_MS + 1);
    expect(second.steps[0]).toMatchObject({ hold: false, text: "11111111" });
    wedge.press(key("Enter", second.end + 5));
    expect(wedge.idle().text).toBe("22222222");
  });

  it("leaves a person's Enter and Tab alone", () => {
    const wedge = new Wedge();
    expect(wedge.press(key("Enter", 0)).hold).toBe(false);
    wedge.press(key("7", 1000));
    expect(wedge.press(key("Enter", 1200)).hold).toBe(false);
    expect(wedge.press(key("Tab", 2000)).hold).toBe(false);
  });

  it("gives a quick typist's keys back", () => {
    const wedge = new Wedge();
    type(wedge, "ing", 40);
    expect(wedge.idle()).toEqual({ hold: false, giveBack: "ing" });
  });
});

describe("characters", () => {
  it.each<[string, Partial<Key>, string | null]>([
    ["plain digit", { code: "Digit1", key: "1" }, "1"],
    ["plain letter", { code: "KeyA", key: "a" }, "a"],
    ["shifted letter", { code: "KeyA", key: "A", shift: true }, "A"],
    ["Caps Lock, scanner pressed Shift", { code: "KeyA", key: "a", shift: true, capsLock: true }, "A"],
    ["Caps Lock, scanner pressed no Shift", { code: "KeyA", key: "A", capsLock: true }, "a"],
    ["Caps Lock leaves digits", { code: "Digit7", key: "7", capsLock: true }, "7"],
    ["full-width digit", { code: "Digit1", key: "１" }, "1"],
    ["full-width letter", { code: "KeyX", key: "Ｘ", shift: true }, "X"],
    ["ideographic space", { code: "Space", key: "　" }, " "],
    ["Chinese full stop", { code: "Period", key: "。" }, "."],
    ["IME takes the digit", { code: "Digit5", key: "Process" }, "5"],
    ["IME takes the letter", { code: "KeyH", key: "Process", shift: true }, "H"],
    ["composing", { code: "KeyH", key: "h", composing: true }, "h"],
    ["IME takes the slash", { code: "Slash", key: "Process" }, "/"],
    ["IME takes the colon", { code: "Semicolon", key: "Process", shift: true }, ":"],
    ["keypad", { code: "Numpad4", key: "4" }, "4"],
    ["keypad under IME", { code: "Numpad4", key: "Process" }, "4"],
    ["arrow", { code: "ArrowLeft", key: "ArrowLeft" }, null],
    ["function key", { code: "F2", key: "F2" }, null],
  ])("%s", (_name, given, expected) => {
    expect(characterOf(key("x", 0, given))).toBe(expected);
  });

  it("does not let Shift between characters break a burst", () => {
    const wedge = new Wedge();
    for (let i = 0; i < 8; i++) {
      wedge.press(key("Shift", i * 80, { code: "ShiftLeft" }));
      wedge.press(key("A", i * 80 + 40, { code: "KeyA", shift: true }));
    }
    wedge.press(key("Enter", 640));
    expect(wedge.idle().text).toBe("AAAAAAAA");
  });

  it("knows Shift and Enter under an input method, which calls every key the same", () => {
    const wedge = new Wedge();
    const veiled = (code: string, at: number, shift = false) => wedge.press(key("Process", at, { code, shift }));
    ["KeyH", "KeyT", "KeyT", "KeyP"].forEach((code, i) => {
      veiled("ShiftLeft", i * 80, true);
      veiled(code, i * 80 + 40, true);
    });
    veiled("Semicolon", 320, true);
    veiled("Slash", 330);
    expect(veiled("Enter", 340).hold).toBe(true);
    expect(wedge.idle()).toMatchObject({ text: "HTTP:/", facts: { suffix: "Enter" } });
  });

  it("tells what the same keys are on the scanner's layout", () => {
    const wedge = new Wedge();
    // A French layout: the keys of A and 1 type other characters.
    ["q", "&", "b", "c", "q", "&"].forEach((name, i) => {
      const code = { q: "KeyA", "&": "Digit1", b: "KeyB", c: "KeyC" }[name] ?? "";
      wedge.press(key(name, i * 5, { code }));
    });
    expect(wedge.idle()).toMatchObject({ text: "q&bcq&", byPosition: "a1bca1" });
  });

  it("keeps the separators of card codes and swallows other commands inside a burst", () => {
    const wedge = new Wedge();
    type(wedge, "12345", 5);
    wedge.press(key("]", 25, { code: "BracketRight", command: true }));
    expect(wedge.press(key("p", 30, { command: true })).hold).toBe(true);
    wedge.press(key("6", 35));
    wedge.press(key("Enter", 40));
    expect(wedge.idle().text).toBe("12345\u001d6");
  });

  it("lets commands of a person through", () => {
    const wedge = new Wedge();
    expect(wedge.press(key("v", 0, { command: true })).hold).toBe(false);
  });
});
