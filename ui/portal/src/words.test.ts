import { expect, it } from "vitest";
import { startingLanguage } from "./remembered";
import { civilDate, clockTime } from "./civil";
import { problemOf } from "./problem";
import { Refusal } from "./api";

it.each([
  ["en", ["zh-CN"], "en"],
  ["zh-CN", ["en-GB"], "zh-CN"],
  [null, ["zh-TW"], "zh-CN"],
  [null, ["fr-FR", "zh-CN"], "en"],
  [null, [], "zh-CN"],
  ["klingon", ["en-US"], "en"],
])("chosen %s on a phone in %o starts in %s", (chosen, phone, expected) => {
  expect(startingLanguage(chosen, phone)).toBe(expected);
});

it("tells the time of Fujian, midnight included", () => {
  expect(clockTime(new Date("2020-07-10T16:00:05Z"))).toBe("00:00:05");
  expect(civilDate("2020-07-10T16:00:05Z", "zh-CN")).toBe("7月11日");
  expect(civilDate("2020-07-10T15:59:59Z", "en")).toBe("10 July");
  expect(civilDate("soon", "en")).toBeNull();
  expect(civilDate(null, "en")).toBeNull();
});

it.each([
  [new Refusal("bad-field", "number"), "register", "problem.number"],
  [new Refusal("bad-field", "colour"), "register", "problem.internal"],
  [new Refusal("conflict"), "register", "problem.registered-before"],
  [new Refusal("conflict"), "other", "problem.conflict"],
  [new Refusal("unauthorised"), "login", "problem.login"],
  [new Refusal("unauthorised"), "other", "problem.session-ended"],
  [new Refusal("network"), "login", "problem.network"],
  [new TypeError("a mistake here"), "other", "problem.internal"],
] as const)("%o when %s is told as %s", (cause, purpose, key) => {
  expect(problemOf(cause, purpose).key).toBe(key);
});

it("rounds waiting up to whole minutes", () => {
  expect(problemOf(new Refusal("rate-limited", null, 61), "login").values).toEqual({ n: 2 });
  expect(problemOf(new Refusal("rate-limited", null, 60), "login").values).toEqual({ n: 1 });
});
