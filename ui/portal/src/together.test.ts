import { describe, expect, it } from "vitest";
import { symbolOf } from "./qr";
import { MOST_TOGETHER, joined } from "./together";
import type { Shown } from "./wire";

function code(digit: number, second = 0): Shown {
  return {
    text: `HTTPS://YM.TEST/${String(digit % 10).repeat(218)}`,
    colour: "green",
    amber_name: "orange",
    name_masked: "张*明",
    document_masked: "3501**********0004",
    issued_at: `2026-07-01T08:00:0${second}Z`,
    expires_at: `2026-07-01T08:01:0${second}Z`,
    lifetime_seconds: 60,
    shown_count: 1,
  };
}

describe("several people's codes", () => {
  it("stand in one text, which lives as long as the first of them", () => {
    const both = joined([code(1, 5), code(2, 3)]);
    expect(both?.text).toBe(`HTTPS://YM.TEST/${"1".repeat(218)}/${"2".repeat(218)}`);
    expect(both?.issued_at).toBe("2026-07-01T08:00:03Z");
    expect(both?.expires_at).toBe("2026-07-01T08:01:03Z");
  });

  it("are none when one of them has no form that is known", () => {
    expect(joined([])).toBeNull();
    expect(joined([code(1), { ...code(2), text: "something else" }])).toBeNull();
  });

  it("fit one symbol, as many as a family may be", () => {
    const sizes = [2, 3, 5, MOST_TOGETHER].map((people) => {
      const all = joined(Array.from({ length: people }, (_, at) => code(at + 1)));
      return symbolOf(all?.text ?? "")?.size;
    });
    // Modules along one side: versions 9, 11, 15 and 26 at level L.
    expect(sizes).toEqual([53, 61, 77, 121]);
  });
});
