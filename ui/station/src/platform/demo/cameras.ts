import { CommandFailed } from "../platform";
import type { CameraControl, ControlKind, FoundBy, Side } from "../views";
import { DrawnPage, DrawnPhone } from "./camera";

/** As a webcam has them; the one over the counter has a lens that does not move. */
const CAME: Record<Side, CameraControl[]> = {
  guest: [
    { kind: "brightness", value: 0, least: -64, most: 64, step: 1, automatic: null },
    { kind: "contrast", value: 32, least: 0, most: 95, step: 1, automatic: null },
    { kind: "exposure", value: 157, least: 3, most: 2047, step: 1, automatic: true },
    { kind: "focus", value: 120, least: 0, most: 250, step: 5, automatic: true },
  ],
  document: [
    { kind: "brightness", value: 128, least: 0, most: 255, step: 1, automatic: null },
    { kind: "contrast", value: 128, least: 0, most: 255, step: 1, automatic: null },
  ],
};

/** The cameras, and what is set at them; `?controls=none` has nothing to set, `?controls=poor` is dark and blurred. */
export class DemoCameras {
  #drawn = { guest: new DrawnPhone(), document: new DrawnPage() };
  #controls: Record<Side, CameraControl[]>;

  constructor(readonly wish: URLSearchParams) {
    this.#controls = wish.get("controls") === "none" ? { guest: [], document: [] } : { ...CAME };
    if (wish.get("controls") !== "poor") return;
    this.set("guest", "exposure", 40);
    this.set("guest", "focus", 30);
  }

  controls(side: Side): CameraControl[] {
    return this.#controls[side];
  }

  set(side: Side, kind: ControlKind, value: number | null): CameraControl[] {
    const control = this.#controls[side].find((one) => one.kind === kind);
    if (!control) throw new CommandFailed({ kind: "camera", detail: { why: "missing" } });
    const automatic = control.automatic === null ? null : value === null;
    const usual = CAME[side].find((one) => one.kind === kind)?.value ?? control.value;
    const now = { ...control, value: value ?? usual, automatic };
    this.#controls = { ...this.#controls, [side]: this.#controls[side].map((one) => (one === control ? now : one)) };
    return this.#controls[side];
  }

  reset(side: Side): CameraControl[] {
    if (this.#controls[side].length > 0) this.#controls = { ...this.#controls, [side]: CAME[side] };
    return this.#controls[side];
  }

  /** Where it sees a code, with `?verdict=` or `?found`. */
  sees(side: Side): FoundBy {
    const found = this.wish.has("verdict") || this.wish.has("found") ? this.#drawn[side].found() : null;
    return { side, found };
  }

  /** A frame of a side as its camera is set. */
  frame(side: Side): Promise<ArrayBuffer> {
    const off = (kind: ControlKind): number => {
      const [now, came] = [this.#controls[side], CAME[side]].map((all) => all.find((one) => one.kind === kind));
      return now && came ? (now.value - came.value) / (came.most - came.least) : 0;
    };
    const light = Math.max(0.15, 1 + 1.4 * off("brightness")) * Math.max(0.3, 1 + 12 * Math.min(off("exposure"), 0) + 3 * Math.max(off("exposure"), 0));
    return this.#drawn[side].frame(`brightness(${light}) contrast(${1 + 1.5 * off("contrast")}) blur(${Math.abs(24 * off("focus"))}px)`);
  }
}
