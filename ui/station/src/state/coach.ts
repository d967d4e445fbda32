import type { Advice, Found, Side } from "../platform/views";

/** What a camera sees, and what would help it see. */
export interface Sight {
  readonly found: Found | null;
  readonly advice: Advice | null;
}

/** It sees nothing. */
export const NOTHING: Sight = { found: null, advice: null };

/** What would help the camera see, or that it has seen. */
export type Hint =
  | "show" | "closer" | "back" | "middle" | "seen" | "other"
  | "glare" | "dark" | "still" | "unclear" | "parts" | "moreParts"
  | "lay" | "light" | "turn";

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

/** What is said otherwise of things that lie on the counter: nobody holds them, and they do not shine. */
const ON_THE_COUNTER: Partial<Record<Hint, Hint>> = { show: "lay", dark: "light", glare: "turn" };

/**
 * Advice for whoever shows something to the camera of a side: where it is in the picture when it
 * was read, and else why it was not.
 */
export function hintFor(sight: Sight, side: Side): Hint {
  const hint = hintInHand(sight);
  return side === "document" ? (ON_THE_COUNTER[hint] ?? hint) : hint;
}

function hintInHand({ found, advice }: Sight): Hint {
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
