import { describe, expect, it } from "vitest";
import type { HourCount } from "./platform/views";
import { hoursOf, totals } from "./state/shift";
import { eachInAWindow, open, press, text } from "./testing";

const HOUR = 3600;
const count = (hour: number, change: Partial<HourCount>): HourCount => ({
  from: hour * HOUR,
  decision: "admit",
  operator: null,
  count: 0,
  unread: 0,
  ...change,
});

describe("the figures of a shift", () => {
  it("count people, and what nobody could read beside them", () => {
    const day = [
      count(8, { count: 6, operator: "wang" }),
      count(8, { decision: "refer", count: 1, unread: 2, operator: "wang" }),
      count(9, { decision: "refer", unread: 1, operator: "lin" }),
    ];
    const all = totals(day);
    expect(all).toMatchObject({ people: 7, admit: 6, refer: 1, refuse: 0 });
    expect(all.unread).toBeCloseTo(3 / 10);
    expect(all.operators).toEqual([{ operator: "wang", people: 7 }]);
    expect(totals([]).unread).toBeNull();
  });

  it("have the median of each hour beside its people", () => {
    const hours = hoursOf({
      hours: [count(8, { count: 3 }), count(10, { count: 1 })],
      pace: [{ from: 10 * HOUR, seconds: 4.25 }],
      medianSeconds: 4.25,
    });
    expect(hours.map(({ people, median }) => [people, median])).toEqual([
      [3, null],
      [0, null],
      [1, 4.25],
    ]);
  });
});

describe("the shift screen", () => {
  eachInAWindow();

  it("shows them, to eyes and to a screen reader", async () => {
    await open("camera=off");
    await press("F5");
    expect(text("shift-median")).toBe("8.6 秒");
    const rows = [...document.querySelectorAll("table.unseen tbody tr")].map((row) => row.textContent?.replace(/\s+/g, " ").trim());
    expect(rows[0]).toMatch(/^07:00 ?41 ?3 ?1 ?6\.4 秒$/);
    expect(rows).toHaveLength(7);
  });

  it("says of what was done at the terminal that it was", async () => {
    await open("camera=off");
    await press("F5");
    expect(document.body.textContent).toContain("root（在终端）");
  });
});
