import { describe, expect, it } from "vitest";
import { Draft } from "./draft.svelte";
import type { DocumentType, Relation } from "./wire";

describe("the date of birth", () => {
  it.each([
    ["1950", "1", "31", "1950-01-31"],
    ["１９５０", " 12 ", "09", "1950-12-09"],
    ["2016", "2", "29", "2016-02-29"],
    ["2015", "2", "29", null],
    ["1950", "13", "1", null],
    ["50", "1", "1", null],
    ["1950", "", "1", null],
    ["1950", "1", "x", null],
  ])("%s %s %s is %s", (year, month, day, born) => {
    expect(Object.assign(new Draft(), { year, month, day }).born).toBe(born);
  });

  it.each<[Relation, DocumentType, string, boolean]>([
    ["parent", "resident-id", "", false],
    ["parent", "home-return", "H12345678", true],
    ["child", "passport-foreign", "L898902C5", true],
    ["child", "permanent-residence", "KAZ110090123105", true],
    ["child", "permanent-residence", "911398199012310021", false],
    ["spouse", "home-return", "H12345678", false],
    ["relative", "passport-foreign", "L898902C5", false],
  ])("is asked of a %s with %s %s: %s", (relation, documentType, number, asked) => {
    const draft = Object.assign(new Draft(), { relation, documentType, number });
    expect(draft.asksBirth).toBe(asked);
    draft.name = "Sample";
    if (number !== "") expect(draft.documentProblem()?.field).toBe(asked ? "born" : undefined);
  });
});

it("keeps nothing once it is cleared", () => {
  const draft = new Draft();
  Object.assign(draft, {
    relation: "child",
    documentType: "passport-cn",
    number: "E12345678",
    name: "样本",
    year: "2015",
    month: "1",
    day: "2",
    departure: "420100",
    household: "420100",
    contact: "13800000000",
    homeCode: "HTTPS://YM.TEST/1",
  });
  expect(draft.otherProvince).toMatchObject({ home_code: "HTTPS://YM.TEST/1" });
  draft.clear();
  const fresh = new Draft();
  expect(draft.familyClaim({ group: "resident" })).toBeNull();
  expect(draft.otherProvince).toEqual(fresh.otherProvince);
  expect(draft.abroad).toEqual(fresh.abroad);
  expect([draft.number, draft.name, draft.documentType, draft.born]).toEqual(["", "", "resident-id", null]);
});
