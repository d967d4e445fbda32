import { expect, it } from "vitest";
import { fieldOf, fieldToInstant, inWan, instant, percent, whole } from "./figures";

it("groups digits and writes times in Beijing, whatever the computer's zone", () => {
  expect(whole(20_710_000)).toBe("20,710,000");
  expect(instant("2020-07-10T06:05:00Z")).toBe("2020-07-10 14:05");
  expect(instant("soon")).toBe("–");
  expect(instant(null)).toBe("–");
});

it("writes figures as the briefing does", () => {
  expect(inWan(20_710_000, "zh-CN")).toBe("2,071 万");
  expect(inWan(124_000_000, "zh-CN")).toBe("1.24 亿");
  expect(inWan(974_522, "zh-CN")).toBeNull();
  expect(inWan(20_710_000, "en")).toBe("20.71 M");
  expect(percent(4875)).toBe("48.75 %");
});

it("reads and writes Beijing time in fields", () => {
  expect(fieldOf(new Date("2020-07-10T06:05:00Z"))).toBe("2020-07-10T14:05");
  expect(fieldToInstant("2020-07-10T14:05")).toBe("2020-07-10T06:05:00.000Z");
  expect(fieldToInstant("")).toBeNull();
});
