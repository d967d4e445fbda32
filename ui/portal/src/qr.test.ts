import { describe, expect, it } from "vitest";
import { QUIET_MODULES } from "@yanma/shared";
import { symbolOf } from "./qr";

/** Digits that are not all alike, as a real code's are not. */
function digits(count: number): string {
  return Array.from({ length: count }, (_, i) => (i * 7 + 3) % 10).join("");
}

describe("symbolOf", () => {
  // Version v is 17 + 4v modules wide.
  it.each([
    { count: 223, host: "YM.TEST", size: 41, why: "a usual name: version 6" },
    { count: 224, host: "YM.TEST", size: 41, why: "the most that version 6 holds at level M" },
    { count: 225, host: "YM.TEST", size: 45, why: "one digit more: version 7" },
    { count: 223, host: "JKM.FJ.CN", size: 45, why: "a longer host: version 7" },
  ])("$why", ({ count, host, size }) => {
    expect(symbolOf(`HTTPS://${host}/${digits(count)}`)?.size).toBe(size);
  });

  it.each([
    { text: "", why: "nothing" },
    { text: "HTTPS://YM.TEST/", why: "no digits" },
    { text: "https://ym.test/123", why: "small letters would need bytes" },
    { text: `HTTPS://YM.TEST/${digits(20)}a`, why: "something after the digits" },
    { text: `HTTPS://YM.TEST/${digits(9000)}`, why: "longer than any symbol" },
  ])("draws no symbol for $why", ({ text }) => {
    expect(symbolOf(text)).toBeNull();
  });

  it("keeps the quiet zone free and draws the finder's corner right after it", () => {
    const symbol = symbolOf(`HTTPS://YM.TEST/${digits(223)}`);
    expect(symbol?.path.startsWith(`M${QUIET_MODULES} ${QUIET_MODULES}h7v1h-7z`)).toBe(true);
    const starts = [...(symbol?.path.matchAll(/M(\d+) (\d+)h(\d+)/g) ?? [])];
    for (const [, x, y, width] of starts) {
      expect(Number(x)).toBeGreaterThanOrEqual(QUIET_MODULES);
      expect(Number(y)).toBeGreaterThanOrEqual(QUIET_MODULES);
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(41 + QUIET_MODULES);
      expect(Number(y)).toBeLessThan(41 + QUIET_MODULES);
    }
  });
});
