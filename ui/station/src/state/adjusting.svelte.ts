import type { Platform } from "../platform/platform";
import type { CameraControl, ControlKind, Side } from "../platform/views";
import { errorWords } from "./errors";

/** While a slider moves the camera is told once in this time at most. */
const EVERY_MS = 100;
/** What was set is kept when the sliders have stood still for this long. */
const RESTS_MS = 500;

/** `null` is automatic. */
type Value = number | null;

/** Where the camera is now as one of the values that it takes: what it does by itself may lie between them. */
function nearest({ value, least, most, step }: CameraControl): number {
  const steps = Math.round((Math.min(Math.max(value, least), most) - least) / step);
  return Math.min(least + steps * step, least + Math.floor((most - least) / step) * step);
}

/** What can be set at the camera of a side, and setting it while the sliders move. */
export class Adjusting {
  /** As they are shown: what is wished is shown before the camera has it. `null` until it has said which there are. */
  controls = $state.raw<CameraControl[] | null>(null);
  problem = $state<string | null>(null);
  /** What the camera is still to be told: of each control the last wish alone. */
  readonly #wishes = new Map<ControlKind, { value: Value; keep: boolean }>();
  /** What is wished and not kept. */
  readonly #unkept = new Map<ControlKind, Value>();
  #wantsReset = false;
  #telling = false;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly platform: Platform,
    readonly side: Side,
  ) {}

  /** Asks the camera what it has, and how it is set. */
  async load(): Promise<void> {
    try {
      this.#take(await this.platform.cameraControls(this.side));
      this.problem = null;
    } catch (error) {
      this.problem = errorWords(error);
    }
  }

  /** Sets a control, and keeps it when nobody has set anything for a moment. */
  set(kind: ControlKind, value: Value): void {
    this.problem = null;
    this.#wishes.set(kind, { value, keep: false });
    this.#unkept.set(kind, value);
    this.controls = this.controls && this.#wished(this.controls);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.rest(), RESTS_MS);
    void this.#tell();
  }

  /** The camera does it by itself no longer, and stays as it has it now. */
  async hold(kind: ControlKind): Promise<void> {
    await this.load();
    const control = this.controls?.find((one) => one.kind === kind);
    if (control) this.set(kind, nearest(control));
  }

  /** Everything as the camera came, and nothing kept. */
  reset(): void {
    this.problem = null;
    this.#forget();
    this.#wantsReset = true;
    void this.#tell();
  }

  /** The sliders stand still, or are gone: what was set is kept. */
  rest(): void {
    clearTimeout(this.#resting);
    for (const [kind, value] of this.#unkept) this.#wishes.set(kind, { value, keep: true });
    this.#unkept.clear();
    void this.#tell();
  }

  /** One after the other, so that the last wish is the last that the camera hears. */
  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    for (let ask = this.#next(); ask; ask = this.#next()) {
      const pause = new Promise((done) => setTimeout(done, EVERY_MS));
      try {
        this.#take(await ask());
      } catch (error) {
        // What is shown is what is in force.
        this.#forget();
        await this.load();
        this.problem = errorWords(error);
      }
      await pause;
    }
    this.#telling = false;
  }

  #next(): (() => Promise<CameraControl[]>) | null {
    const { platform, side } = this;
    if (this.#wantsReset) {
      this.#wantsReset = false;
      return () => platform.resetCamera(side);
    }
    const [first] = this.#wishes;
    if (!first) return null;
    const [kind, { value, keep }] = first;
    this.#wishes.delete(kind);
    return () => platform.setCameraControl(side, kind, value, keep);
  }

  #take(controls: CameraControl[]): void {
    this.controls = this.#wished(controls);
  }

  /** Controls with what is wished in the place of what they are. */
  #wished(controls: CameraControl[]): CameraControl[] {
    return controls.map((control) => {
      const wish = this.#wishes.get(control.kind);
      if (!wish) return control;
      return wish.value === null ? { ...control, automatic: true } : { ...control, value: wish.value, automatic: control.automatic === null ? null : false };
    });
  }

  #forget(): void {
    clearTimeout(this.#resting);
    this.#wishes.clear();
    this.#unkept.clear();
  }
}
