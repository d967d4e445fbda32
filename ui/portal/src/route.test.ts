import { describe, expect, it } from "vitest";
import { hrefOf, isCodePath, placeOf, screenOf, type Route, type Screen } from "./route.svelte";
import type { SessionPhase } from "./session.svelte";
import type { Holder, WireColour } from "./wire";

function holder(colour: WireColour): Holder {
  return {
    colour,
    amber_name: "orange",
    since: null,
    because: [],
    shown_count: 0,
    claimed_at: "2020-07-10T06:00:00Z",
    group: "resident",
  };
}

describe("screenOf", () => {
  const table: [Route, SessionPhase, Holder | null, Screen][] = [
    ["home", "unknown", null, "loading"],
    ["home", "unreachable", null, "unreachable"],
    ["login", "unreachable", null, "unreachable"],
    ["home", "out", null, "welcome"],
    ["register", "out", null, "register"],
    ["login", "out", null, "login"],
    ["withdraw", "out", null, "welcome"],
    ["home", "in", null, "claim"],
    ["register", "in", null, "claim"],
    ["withdraw", "in", null, "claim"],
    ["claim", "out", null, "welcome"],
    ["claim", "in", null, "claim"],
    ["claim", "in", holder("green"), "code"],
    ["home", "in", holder("green"), "code"],
    ["login", "in", holder("red"), "code"],
    ["withdraw", "in", holder("amber"), "withdraw"],
    ["withdraw", "in", holder("withdrawn"), "withdrawn"],
    ["home", "in", holder("withdrawn"), "withdrawn"],
    ["scanned", "unknown", null, "scanned"],
    ["scanned", "in", holder("green"), "scanned"],
  ];
  it.each(table)("#/%s while %s with %o is %s", (route, phase, held, screen) => {
    expect(screenOf({ route }, { phase, holder: held, withdrawn: false })).toBe(screen);
  });

  it("says that a code was withdrawn until there is another", () => {
    const withdrawn = true;
    expect(screenOf({ route: "home" }, { phase: "in", holder: null, withdrawn })).toBe("withdrawn");
    expect(screenOf({ route: "claim" }, { phase: "in", holder: null, withdrawn })).toBe("claim");
    expect(screenOf({ route: "home" }, { phase: "in", holder: holder("green"), withdrawn })).toBe("code");
  });
});

it.each([
  ["/1234567890", true],
  ["/1/", true],
  ["/", false],
  ["/v1/me", false],
  ["/12a", false],
  ["/12/34", false],
])("isCodePath(%s) is %s", (path, expected) => {
  expect(isCodePath(path)).toBe(expected);
});

it.each([
  ["", "home", null],
  ["#/", "home", null],
  ["#/login", "login", null],
  ["#/claim/abroad", "claim", "abroad"],
  ["#/nowhere", "home", null],
  ["#/nowhere/1", "home", null],
  ["#/claim/Abroad", "home", null],
  ["#/claim/abroad/2", "home", null],
  ["#/constructor", "home", null],
] as const)("placeOf(%s) is %s, %s", (hash, route, rest) => {
  expect(placeOf(hash)).toEqual({ route, rest });
  if (hash.includes(route) && rest !== null) expect(hrefOf(route, rest)).toBe(hash);
});
