import type { Advice, Found } from "../platform/views";

/** What would help the camera see, or that it has seen. */
export type Hint =
  | "show" | "closer" | "back" | "middle" | "seen" | "other"
  | "glare" | "dark" | "still" | "unclear" | "parts" | "moreParts";

/** A code narrower than this part of the picture is too far away to read well. */
const TOO_SMALL = 0.13;
/** One that fills more than this is about to leave the picture. */
const TOO_BIG = 0.85;
/** A corner this near the edge of the picture is about to be cut off. */
const EDGE = 0.015;

const UNREAD: Record<Exclude<Advice["hint"], "parts">, Hint> = {
  "too-far": "closer",
  "too-close": "back",
  "cut-off": "middle",
  glare: "glare",
  "too-dark": "dark",
  blur: "still",
  unclear: "unclear",
};

/**
 * Advice for whoever holds the phone: where the code is in the picture when it was read, and else
 * why it was not.
 */
export function hintFor(found: Found | null, advice: Advice | null = null): Hint {
  if (!found || found.corners.length === 0) {
    if (!advice) return "show";
    if (advice.hint !== "parts") return UNREAD[advice.hint];
    return advice.of > 0 ? "parts" : "moreParts";
  }
  const xs = found.corners.map(([x]) => x / found.width);
  const ys = found.corners.map(([, y]) => y / found.height);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  if (bottom - top > TOO_BIG) return "back";
  if (Math.min(left, top) < EDGE || Math.max(right, bottom) > 1 - EDGE) return "middle";
  if (right - left < TOO_SMALL) return "closer";
  return found.kind === "other" ? "other" : "seen";
}
