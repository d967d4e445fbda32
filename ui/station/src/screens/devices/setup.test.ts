import { describe, expect, it } from "vitest";
import { FNC3, valuesOf } from "./code128";
import { type Aim, FAMILIES, type Family, LEFT_OUT, cameAsText, draw, firstAim, mends, textOf } from "./setup";
import type { Finding, Tried } from "./trial";

const familyOf = (id: string): Family => FAMILIES.find((family) => family.id === id) as Family;

describe("makers' barcodes", () => {
  it("can all be drawn", () => {
    const barcodes = FAMILIES.flatMap(({ settings }) => settings.flatMap(({ scan }) => scan));
    expect(barcodes.length).toBeGreaterThan(20);
    for (const barcode of barcodes) {
      const drawing = draw(barcode);
      expect(drawing.path, textOf(barcode)).toMatch(/^M/);
      expect(drawing.width).toBeGreaterThan(20);
      expect(textOf(barcode)).toMatch(/^[\x20-\x7e]+$/);
    }
  });

  it("names who is left out, and nobody twice", () => {
    const names = [...LEFT_OUT, ...FAMILIES.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
    expect(LEFT_OUT).toContain("Newland");
  });

  // The symbols as they stand in the manuals, value by value.
  it.each<[string, number[]]>([
    [`~PAP124.${FNC3}`, [104, 94, 48, 33, 48, 17, 18, 20, 14, 96, 40, 106]],
    [`${FNC3}SXUAH20003`, [104, 96, 51, 56, 53, 33, 40, 18, 16, 16, 16, 19, 0, 106]],
    [`${FNC3}91`, [104, 96, 25, 17, 95, 106]],
    [`${FNC3}@INTERF8`, [104, 96, 32, 41, 46, 52, 37, 50, 38, 24, 69, 106]],
    ["%#IFSNO$3", [104, 5, 3, 41, 38, 51, 46, 47, 4, 19, 11, 106]],
    ["^PORVIC.", [104, 62, 48, 47, 50, 54, 41, 35, 14, 34, 106]],
  ])("is drawn as its maker does: %s", (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });
});

describe("what is proposed", () => {
  it.each<[Finding | null, boolean, Aim[]]>([
    [null, false, []],
    [{ what: "exact" }, false, []],
    [{ what: "exact" }, true, ["hid-pos", "serial"]],
    [{ what: "layout" }, true, ["us-layout", "hid-pos", "serial", "defaults"]],
    [{ what: "controls" }, false, ["controls", "hid-pos", "serial"]],
    [{ what: "around", extra: "*…", prefix: "*", suffix: "" }, false, ["no-suffix", "enter", "defaults"]],
    [{ what: "other", right: 1, of: 9 }, false, ["hid-pos", "serial", "defaults"]],
  ])("%o, slow: %s", (finding, slow, expected) => {
    expect(mends(finding, slow)).toEqual(expected);
  });

  it("is what the family can do", () => {
    expect(firstAim(familyOf("m3y"), ["us-layout", "hid-pos"])).toBe("us-layout");
    expect(firstAim(familyOf("netum"), ["us-layout", "hid-pos", "serial"])).toBe("serial");
    expect(firstAim(familyOf("zebra"), ["hid-pos"])).toBe("keyboard");
    expect(firstAim(familyOf("m3y"), [])).toBe("hid-pos");
  });
});

describe("a scanner of another family", () => {
  it.each<[string, Tried, boolean]>([
    ["sends the text", { text: "~PAP124.", via: "cable" }, true],
    ["types it", { text: "~PAP124.", via: "wedge", byPosition: "~PAP124." }, true],
    ["types it with another layout", { text: "^PAP124.", via: "wedge", byPosition: "~PAP124." }, true],
    ["is a camera that sees the screen", { text: "~PAP124.", via: "camera" }, false],
    ["reads something else", { text: "YANMA-TRIAL", via: "cable" }, false],
  ])("%s", (_name, tried, expected) => {
    expect(cameAsText(tried, familyOf("honeywell"))).toBe(expected);
  });
});
