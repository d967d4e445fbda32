/** Which words belong to a refusal at the console. */
import type { Refusal } from "../src/api";
import type { Key } from "./words";

const OF_CODE: Record<string, Key> = {
  unauthorised: "problem.unauthorised",
  forbidden: "problem.forbidden",
  "second-factor-to-set-up": "problem.unauthorised",
  "second-factor-to-show": "problem.unauthorised",
  "not-found": "problem.not-found",
  conflict: "problem.conflict",
  "bad-field": "problem.bad-field",
  "too-large": "problem.too-large",
  "rate-limited": "problem.rate-limited",
  network: "problem.network",
  timeout: "problem.timeout",
  unavailable: "problem.unavailable",
};

export function refusalKey(refusal: Refusal): Key {
  return OF_CODE[refusal.code] ?? "problem.internal";
}
