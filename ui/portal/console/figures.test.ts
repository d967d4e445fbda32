import { expect, it } from "vitest";
import { instant, whole } from "./figures";

it("groups digits and writes times in Beijing, whatever the computer's zone", () => {
  expect(whole(20_710_000)).toBe("20,710,000");
  expect(instant("2020-07-10T06:05:00Z")).toBe("2020-07-10 14:05");
  expect(instant("soon")).toBe("–");
  expect(instant(null)).toBe("–");
});
