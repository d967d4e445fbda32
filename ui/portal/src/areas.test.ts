import { describe, expect, it } from "vitest";
import areas from "./areas.json";
import { OTHER_PROVINCES, placeName } from "./areas";

describe("the list of places", () => {
  const every = areas.flatMap((province) => [province, ...province.cities]);

  it("has each code once, in six digits the authority takes, under its province", () => {
    expect(new Set(every.map(({ code }) => code)).size).toBe(every.length);
    for (const province of areas) {
      expect(province.code).toMatch(/^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])0000$/);
      for (const city of province.cities) {
        expect(city.code).toMatch(/^\d{6}$/);
        expect(city.code.slice(0, 2)).toBe(province.code.slice(0, 2));
      }
    }
  });

  it("has a name in both languages, and no name twice in a province", () => {
    for (const { code, zh, en } of every) {
      expect(zh, code).toMatch(/^\p{Script=Han}{2,}$/u);
      expect(en, code).toMatch(/^\p{Lu}[\p{Script=Latin}' ()]+$/u);
    }
    for (const { cities } of areas) {
      expect(new Set(cities.map(({ zh }) => zh)).size).toBe(cities.length);
      expect(new Set(cities.map(({ en }) => en)).size).toBe(cities.length);
    }
  });

  it("offers every province but this one", () => {
    expect(OTHER_PROVINCES).toHaveLength(30);
    expect(OTHER_PROVINCES.some(({ code }) => code.startsWith("35"))).toBe(false);
  });
});

it.each([
  ["420100", "湖北省武汉市", "Wuhan, Hubei"],
  ["110000", "北京市", "Beijing"],
  ["429004", "湖北省仙桃市", "Xiantao, Hubei"],
  ["429999", null, null],
  ["990000", null, null],
])("the place %s is called %s and %s", (code, zh, en) => {
  expect(placeName(code, "zh-CN")).toBe(zh);
  expect(placeName(code, "en")).toBe(en);
});
