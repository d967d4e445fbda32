const KEY = "yanma-desk-screen";

export const TEXT_SIZES = [100, 125, 150, 200] as const;
export const RETURN_SECONDS = [10, 30, 60, 0] as const;

interface Kept {
  /** Text size in percent. */
  textSize: number;
  /** Seconds until a verdict makes room for the idle picture; 0 keeps it until the next. */
  returnSeconds: number;
  /** The live picture is shown as in a mirror. */
  mirror: boolean;
}

const DEFAULTS: Kept = { textSize: 100, returnSeconds: 30, mirror: false };

function load(): Kept {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>) };
  } catch {
    // A web view may refuse storage, or hold something else: the defaults always work.
    return { ...DEFAULTS };
  }
}

/**
 * How this screen likes to be seen. Nothing here touches a verdict, so it stays in the web view and
 * the engine does not know of it.
 */
class Preferences {
  #kept = $state(load());

  get textSize(): number {
    return this.#kept.textSize;
  }

  get returnSeconds(): number {
    return this.#kept.returnSeconds;
  }

  get mirror(): boolean {
    return this.#kept.mirror;
  }

  set(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.apply();
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // Kept for this run only.
    }
  }

  /** Every size of the screens follows the root element's. */
  apply(): void {
    const root = document.documentElement;
    root.style.fontSize = `${this.#kept.textSize}%`;
    root.toggleAttribute("data-large", this.#kept.textSize >= 150);
  }
}

export const preferences = new Preferences();
