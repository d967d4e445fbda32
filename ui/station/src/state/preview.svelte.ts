import type { Platform } from "../platform/platform";
import type { Side } from "../platform/views";

/** Both sides that a camera may watch. */
export const SIDES: readonly Side[] = ["guest", "document"];

/**
 * The live picture of a side. Frames come as JPEG, become one blob URL at a time, and each is acknowledged when
 * it has been painted or dropped, so that a slow screen slows the camera instead of filling memory.
 */
export class Preview {
  /** The frame to paint, for an `<img>` that reports back by `painted`. */
  url = $state<string | null>(null);
  #old: string | null = null;
  #waiting = false;
  #watched = false;

  constructor(
    readonly platform: Platform,
    readonly side: Side,
  ) {}

  async start(): Promise<void> {
    await this.platform.startPreview(this.side, (jpeg) => this.#take(jpeg));
  }

  /** Somebody shows the picture from now on; gives back what ends that. */
  watch(): () => void {
    this.#watched = true;
    return () => {
      this.#watched = false;
      if (this.#waiting) this.painted();
      this.#drop(this.url);
      this.url = null;
    };
  }

  /** The frame is on screen, or could not be shown: the one before is let go. */
  painted(): void {
    this.#drop(this.#old);
    this.#old = null;
    this.#waiting = false;
    void this.platform.ackFrame(this.side).catch(() => undefined);
  }

  #take(jpeg: ArrayBuffer): void {
    if (!this.#watched || document.hidden || this.#waiting) {
      // Nobody looks, or the last frame is still on its way to the screen.
      void this.platform.ackFrame(this.side).catch(() => undefined);
      return;
    }
    this.#old = this.url;
    this.#waiting = true;
    this.url = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
  }

  #drop(url: string | null): void {
    if (url) URL.revokeObjectURL(url);
  }
}
