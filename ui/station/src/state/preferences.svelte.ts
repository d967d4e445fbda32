import { type Contrast, LANGUAGES, type Language, chooseContrast, language } from "@yanma/shared";

const KEY = "yanma-desk-screen";

export const TEXT_SIZES = [100, 125, 150, 200] as const;
export const RETURN_SECONDS = [10, 30, 60, 0] as const;

interface Kept {
  /** Text size in percent. */
  textSize: number;
  /** More contrast than the system asks for. */
  contrast: Contrast;
  /** Seconds until a verdict makes room for the idle picture; 0 keeps it until the next. */
  returnSeconds: number;
  /** The live picture is shown as in a mirror. */
  mirror: boolean;
  /** A scanner's keys are taken by their positions, as on a US keyboard, whatever the layout. */
  byPosition: boolean;
  /** The language shown small beside the first; `null` for Chinese or English, whichever is not it. */
  second: Language | null;
  /** The language that the guest's screen begins with; `null` for Chinese with the others in turn. */
  guest: Language | null;
}

const DEFAULTS: Kept = { textSize: 100, contrast: "system", returnSeconds: 30, mirror: false, byPosition: false, second: null, guest: null };

const known = (named: Language | null) => LANGUAGES.find((one) => one === named) ?? null;

function load(): Kept {
  try {
    const kept = { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>) };
    return { ...kept, second: known(kept.second), guest: known(kept.guest) };
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

  get contrast(): Contrast {
    return this.#kept.contrast;
  }

  get returnSeconds(): number {
    return this.#kept.returnSeconds;
  }

  get mirror(): boolean {
    return this.#kept.mirror;
  }

  get byPosition(): boolean {
    return this.#kept.byPosition;
  }

  get guest(): Language | null {
    return this.#kept.guest;
  }

  /** Takes over what another window of the desk has kept since. */
  reload(): void {
    this.#kept = load();
    this.apply();
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
    chooseContrast(this.#kept.contrast);
    language.chooseSecond(this.#kept.second).catch(() => undefined);
  }
}

export const preferences = new Preferences();
