/** Several people's codes as one: what a family shows at a desk. */
import type { Shown } from "./wire";

/** The most people in one symbol, as docs/health-code.md has it. */
export const MOST_TOGETHER = 14;

/** `HTTPS://HOST/` and the digits of one code. */
const CODE = /^(HTTPS:\/\/[A-Z0-9.:-]+\/)(\d+)$/;

/**
 * The codes in one text, `HTTPS://HOST/…/…`. It lives as long as the one that ends first. Null when
 * one of them is of no form that is known.
 */
export function joined(codes: readonly Shown[]): Shown | null {
  const parts = codes.map((code) => CODE.exec(code.text));
  const [first] = codes;
  const host = parts[0]?.[1];
  const digits = parts.map((part) => part?.[2]);
  if (!first || !host || digits.some((one) => one === undefined)) return null;
  const soonest = (of: (code: Shown) => string) =>
    codes.map(of).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
  return {
    ...first,
    text: host + digits.join("/"),
    issued_at: soonest((code) => code.issued_at),
    expires_at: soonest((code) => code.expires_at),
    lifetime_seconds: Math.min(...codes.map((code) => code.lifetime_seconds)),
  };
}
