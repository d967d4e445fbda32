import { expect, it } from "vitest";
import { whyOf } from "./history";
import type { Beginning, Because, ColourPeriod, ReportThen, WireColour } from "./wire";

const AT = "2020-07-10T06:00:00Z";
const CONTACT = { zh: "密切接触者", en: "Close contact" };
const because = (kind: string): Because => ({ kind, reason: CONTACT, since: AT, until: null });

function period(colour: WireColour, began: Beginning, facts: Because[] = []): ColourPeriod {
  const scheme = { id: "s", version: 2, name: { zh: "新规则", en: "New rules" }, since: AT, until: null };
  return { colour, amber_name: "orange", since: AT, until: null, foreseen_until: null, because: facts, began, scheme };
}

function report(kind: string, words: typeof CONTACT | null = null, before: ReportThen["takes_back"] = null): ReportThen {
  return { fact: { kind, occurred_at: AT, words }, takes_back: before };
}

const retraction = (words: typeof CONTACT | null, kind = "close-contact") =>
  report("retraction", null, { kind, occurred_at: AT, words });

it.each<[string, ColourPeriod, string[]]>([
  ["a claim", period("green", { by: "claim" }), ["claim"]],
  ["time, green", period("green", { by: "time" }), ["over"]],
  ["time, another stage", period("amber", { by: "time" }, [because("close-contact")]), ["stage"]],
  ["other rules", period("red", { by: "rules" }, [because("close-contact")]), ["rules 新规则"]],
  ["what is not kept", period("amber", { by: "unknown" }), ["unknown"]],
  ["what began unseen and is explained", period("amber", { by: "unknown" }, [because("x")]), []],
  ["a withdrawal", period("withdrawn", { by: "withdrawal" }), ["withdrawal"]],
  [
    "a fact that is behind the colour itself",
    period("amber", { by: "report", reports: [report("close-contact", CONTACT)] }, [because("close-contact")]),
    [],
  ],
  ["a retraction", period("green", { by: "report", reports: [retraction(CONTACT)] }), ["taken-back 密切接触者"]],
  ["a retraction without words", period("green", { by: "report", reports: [retraction(null)] }), ["retracted"]],
  [
    "a clearance that was taken back",
    period("amber", { by: "report", reports: [retraction(null, "cleared")] }, [because("close-contact")]),
    ["uncleared"],
  ],
  ["the same twice", period("green", { by: "report", reports: [report("cleared"), report("cleared")] }), ["cleared"]],
  ["a test", period("green", { by: "report", reports: [report("test-negative")] }), ["negative"]],
  ["what ends a rule", period("green", { by: "report", reports: [report("discharged", CONTACT)] }), ["reported 密切接触者"]],
  ["a kind that the rules ignore", period("green", { by: "report", reports: [report("newer")] }), ["report"]],
  ["a newer authority's word", period("amber", { by: "comet" } as unknown as Beginning), ["unknown"]],
])("%s", (_, of, expected) => {
  expect(whyOf(of).map(({ why, what }) => (what ? `${why} ${what.zh}` : why))).toEqual(expected);
});
