import { describe, expect, it } from "vitest";
import type { FamilyPhase } from "./family.svelte";
import {
  hrefOf,
  isCodePath,
  placeOf,
  screenOf,
  type Place,
  type Route,
  type Screen,
} from "./route.svelte";
import type { SessionPhase } from "./session.svelte";
import { memberOf } from "./testing";
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
    ["paper", "in", holder("green"), "paper"],
    ["appeal", "in", holder("red"), "appeal"],
    ["history", "in", holder("green"), "history"],
    ["history", "in", null, "claim"],
    ["paper", "in", null, "claim"],
    ["member", "in", holder("green"), "code"],
    ["home", "in", holder("withdrawn"), "withdrawn"],
    ["scanned", "unknown", null, "scanned"],
    ["scanned", "in", holder("green"), "scanned"],
  ];
  const family = { phase: "unknown" as const, find: () => null };
  const at = (route: Route, rest: string | null = null): Place => ({ route, rest });

  it.each(table)("#/%s while %s with %o is %s", (route, phase, held, screen) => {
    const known = { phase, holder: held, withdrawn: false, family };
    expect(screenOf(at(route), known)).toBe(screen);
  });

  it("says that a code was withdrawn until there is another", () => {
    const known = { phase: "in" as const, holder: null, withdrawn: true, family };
    expect(screenOf(at("home"), known)).toBe("withdrawn");
    expect(screenOf(at("claim"), known)).toBe("claim");
    expect(screenOf(at("home"), { ...known, holder: holder("green") })).toBe("code");
  });

  const member = memberOf("parent", "1");
  it.each<[Route, string | null, FamilyPhase, Screen]>([
    ["member", member.id, "unknown", "loading"],
    ["member", member.id, "unreachable", "unreachable"],
    ["member", member.id, "known", "member"],
    ["withdraw", member.id, "known", "withdraw"],
    ["member", "00000009", "known", "family"],
    ["withdraw", "00000009", "known", "family"],
    ["paper", member.id, "known", "paper"],
    ["appeal", "00000009", "known", "family"],
    ["history", member.id, "known", "history"],
    ["history", "00000009", "known", "family"],
    ["member", null, "known", "claim"],
    ["family", null, "unknown", "family"],
    ["family-add", "document", "unknown", "family-add"],
  ])("#/%s/%s with the family %s is %s", (route, rest, phase, screen) => {
    const find = (id: string | null) => (phase === "known" && id === member.id ? member : null);
    const known = { phase: "in" as const, holder: null, withdrawn: false, family: { phase, find } };
    expect(screenOf(at(route, rest), known)).toBe(screen);
    expect(screenOf(at(route, rest), { ...known, phase: "out" })).toBe("welcome");
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
