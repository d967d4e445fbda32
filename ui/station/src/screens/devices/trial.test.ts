import { describe, expect, it } from "vitest";
import { barsOf, valuesOf } from "./code128";
import { affixOf } from "../../state/framing";
import { BARS, type Finding, SQUARE, type Tried, judgeTrial, written } from "./trial";

describe("what a trial symbol became", () => {
  it.each<[string, Partial<Tried>, Finding]>([
    ["whole", { text: SQUARE }, { what: "exact" }],
    ["the bars, whole", { text: BARS }, { what: "exact" }],
    ["by a camera", { text: BARS, via: "camera" }, { what: "exact" }],
    ["another layout", { text: SQUARE.replace(/[:/_-]/g, "#"), byPosition: SQUARE }, { what: "layout" }],
    ["Caps Lock of the scanner", { text: BARS.toUpperCase() }, { what: "caps" }],
    ["letters turned", { text: "yanma-trial Az9:/_" }, { what: "caps" }],
    ["an AIM identifier", { text: `]C0${BARS}` }, { what: "exact" }],
    ["a prefix and a suffix", { text: `*${BARS}#` }, { what: "around", extra: "*…#", prefix: "*", suffix: "#" }],
    ["the same round an AIM identifier", { text: `*]Q1${SQUARE}#\t` }, { what: "around", extra: "*…#", prefix: "*", suffix: "#" }],
    ["a prefix that is taken off, and a suffix", { text: `\u0002${BARS}#` }, { what: "around", extra: "\u0002…#", prefix: "\u0002", suffix: "#" }],
    ["what is taken off", { text: `\u0002]C0${BARS}\u0003` }, { what: "exact" }],
    ["without line end and separator", { text: SQUARE.replace("\u001d", "").replace("\n", "") }, { what: "controls" }],
    ["spaces for them", { text: SQUARE.replace("\u001d", " ").replace("\n", " ") }, { what: "controls" }],
    ["its first half", { text: BARS.slice(0, 10) }, { what: "other", right: 10, of: BARS.length }],
    ["something else", { text: "????????" }, { what: "other", right: 0, of: SQUARE.length }],
  ])("%s", (_name, given, expected) => {
    expect(judgeTrial({ text: "", via: "wedge", ...given }, { prefix: "\u0002", suffix: "\u0003\r" })).toEqual(expected);
  });

  it.each([
    ["\u0002*", "\\x02*"],
    ["a\\b\t", "a\\\\b\\x09"],
    ["\\x02", "\\\\x02"],
    ["", ""],
  ])("writes a prefix %j as %s, and reads it", (affix, text) => {
    expect(written(affix)).toBe(text);
    expect(affixOf(text)).toBe(affix);
  });
});

describe("Code 128", () => {
  // The example of the check character: PJJ123C in code set B has 55 (ISO/IEC 15417, and textbooks).
  it("has the check character of the textbook", () => {
    expect(valuesOf("PJJ123C")).toEqual([104, 48, 42, 42, 17, 18, 19, 35, 55, 106]);
  });

  it("has eleven modules for each character, thirteen for the stop, ten of quiet on both sides", () => {
    expect(barsOf("PJJ123C").width).toBe(11 * 9 + 13 + 20);
  });

  it("refuses what the code set has not", () => {
    expect(() => valuesOf("é")).toThrow(RangeError);
  });
});
