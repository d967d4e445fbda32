import { expect, it } from "vitest";
import fujian from "../../../assets/schemes/fujian-2020.json";
import national from "../../../assets/schemes/national-2021.json";
import { endsOf, readScheme, sourceWords, stagesOf, type SchemeFile } from "./rules";

const rule = (scheme: unknown, kind: string) => {
  const found = (scheme as SchemeFile).rules.find((each) => each.kind === kind);
  if (!found) throw new Error(kind);
  return found;
};

it("tells colours one after another, and what ends them", () => {
  expect(stagesOf(rule(national, "close-contact"))).toEqual([
    { colour: "red", lasts: ["rules.days", { n: 7 }] },
    { colour: "amber", lasts: ["rules.days", { n: 3 }] },
  ]);
  expect(endsOf(rule(national, "close-contact"))).toEqual([["rules.end.time-and-tests"], ["rules.end.test", { from: 10 }]]);
  expect(stagesOf(rule(national, "mixed-tube-positive"))).toEqual([{ colour: "amber", lasts: ["rules.hours", { n: 12 }] }]);
  expect(endsOf(rule(national, "confirmed"))).toEqual([["rules.end.fact", { kind: "discharged" }]]);
  expect(endsOf(rule(national, "antipyretic"))).toEqual([["rules.end.tests", { n: 2, apart: 24, within: 3, from: 1 }]]);
  expect(endsOf(rule(fujian, "fever-clinic"))).toEqual([["rules.end.time"]]);
  expect(stagesOf(rule(fujian, "confirmed"))[0]?.lasts).toEqual(["rules.until-ended"]);
  expect(endsOf(rule(fujian, "confirmed"))).toEqual([["rules.end.cleared"]]);
});

it("takes no file that is not a scheme", () => {
  expect(readScheme(JSON.stringify(national))?.id).toBe("national-2021");
  for (const bad of ["", "{}", "null", "[1]", '{"id":"x","name":{"zh":"a","en":"b"},"amber_name":"blue","rules":[]}']) {
    expect(readScheme(bad), bad).toBeNull();
  }
});

it("says in Chinese where the rules that ship come from, and leaves others as they are", () => {
  for (const scheme of [fujian, national] as unknown as SchemeFile[]) {
    expect(sourceWords(scheme), scheme.id).toMatch(/^[^a-z]{10}/);
  }
  expect(sourceWords({ ...fujian, source: "our own" } as unknown as SchemeFile)).toBe("our own");
});
