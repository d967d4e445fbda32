import { BURST_GAP_MS, type BurstFacts, type Key, type Step, Wedge, characterOf, veiled } from "./wedge";

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** What a control held before a run of keys, to be put back when the run proves a scanner's. */
interface Before {
  control: TextControl | HTMLSelectElement;
  value: string;
  start: number | null;
  end: number | null;
}

export interface WedgeHearers {
  /** A whole reading came; and the same by the positions of its keys. */
  text(text: string, byPosition: string): void;
  facts?(facts: BurstFacts): void;
  /** Whether there is a desk to read for; while there is none, keys are only keys. */
  listening?(): boolean;
}

/** A field has the keyboard again this long after a reading: an input method is through with it by then. */
const RETURN_MS = 500;

const TEXT_TYPES = new Set(["text", "search", "url", "tel", "password", "email", "number"]);

function textControl(element: Element | null): TextControl | null {
  if (element instanceof HTMLTextAreaElement) return element;
  if (element instanceof HTMLInputElement && TEXT_TYPES.has(element.type)) return element;
  return null;
}

function remember(element: Element | null): Before | null {
  const control = textControl(element) ?? (element instanceof HTMLSelectElement ? element : null);
  if (!control) return null;
  const ranged = "selectionStart" in control;
  return {
    control,
    value: control.value,
    start: ranged ? control.selectionStart : null,
    end: ranged ? control.selectionEnd : null,
  };
}

function keep(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function tell(control: HTMLElement, event: "input" | "change"): void {
  control.dispatchEvent(new Event(event, { bubbles: true }));
}

function select({ control, start, end }: Before): void {
  if ("setSelectionRange" in control && start !== null) control.setSelectionRange(start, end);
}

function restore(before: Before | null): void {
  if (!before?.control.isConnected || before.control.value === before.value) return;
  const { control, value } = before;
  control.value = value;
  select(before);
  tell(control, control instanceof HTMLSelectElement ? "change" : "input");
}

function insert(text: string, field: Element | null): void {
  const control = textControl(field);
  if (text === "" || !control?.isConnected || control.readOnly || control.disabled) return;
  const [start, end] = [control.selectionStart ?? control.value.length, control.selectionEnd ?? control.value.length];
  control.setRangeText(text, start, end, "end");
  tell(control, "input");
}

export interface WedgeListener {
  stop(): void;
  /**
   * Keys that the engine took before an input method had them. Of those that begin a run all but
   * the last have gone their usual way, too.
   */
  take(keys: readonly TakenKey[], begins: boolean): void;
}

/** A key that the page has not heard of by itself; `at` on the engine's clock. */
export type TakenKey = Omit<Key, "composing" | "repeat">;

/**
 * Catches what a keyboard scanner types, wherever the focus is, before anything else on the page
 * sees it. Call once.
 */
export function listenForWedge(target: Window, hearers: WedgeHearers): WedgeListener {
  const wedge = new Wedge();
  const down = new Set<string>();
  let before: Before | null = null;
  /** An input method took a key of this run. */
  let taken = false;
  /** Where the keyboard was before it was taken from the input method. */
  let away: Before | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let returning: ReturnType<typeof setTimeout> | undefined;
  let leastLag = Number.POSITIVE_INFINITY;
  /** From the engine's clock to the page's: what the quickest message took is not told apart. */
  let toPage = Number.POSITIVE_INFINITY;
  /** The engine takes the keys of the run that goes on. */
  let ahead = false;
  /** When a field was last written to, or about to be. */
  let touched = Number.NEGATIVE_INFINITY;

  /** How long to wait before calling the scanner silent; longer when keys reach us late. */
  function patience(stamp: number): number {
    const lag = performance.now() - stamp;
    leastLag = Math.min(leastLag, lag);
    return wedge.silenceMs + Math.min(2000, 2 * (lag - leastLag));
  }

  /**
   * Ends what an input method makes of the first keys, and keeps the rest from it: without a field
   * there is nothing that it could write to.
   */
  function leaveField(): void {
    if (!taken || !before || document.activeElement !== before.control) return;
    clearTimeout(returning);
    away = before;
    // First back to what it was: a field that is left changed says so.
    restore(before);
    before.control.blur();
  }

  function returnToField(): void {
    if (away?.control.isConnected && document.activeElement === document.body) {
      away.control.focus({ preventScroll: true });
      select(away);
    }
    away = null;
    clearTimeout(returning);
  }

  function act(step: Step): void {
    // Held keys go back to where they were typed, wherever the focus is by now.
    const field = before?.control ?? null;
    if (step.undo) {
      leaveField();
      restore(before);
    }
    if (step.text !== undefined || step.giveBack !== undefined) {
      // Once more: an input method may have written its letters after the first time.
      restore(before);
      if (step.giveBack) returnToField();
      else if (away) returning = setTimeout(returnToField, RETURN_MS);
      before = null;
    }
    if (step.giveBack) insert(step.giveBack, field);
    if (step.facts) hearers.facts?.(step.facts);
    if (step.text !== undefined) hearers.text(step.text, step.byPosition ?? step.text);
  }

  const listening = (): boolean => hearers.listening?.() ?? true;

  /** Remembers what the focused field holds if nothing was about to change it just now. */
  function notice(fresh: boolean): void {
    const now = performance.now();
    if (fresh && now - touched > BURST_GAP_MS) {
      before = remember(document.activeElement);
      taken = false;
    }
    touched = now;
  }

  function press(key: Key): Step {
    notice(wedge.startsRun(key.at));
    taken ||= ahead || veiled(key);
    const step = wedge.press(key);
    act(step);
    // The key that ended a silent burst is also the first of a new run.
    if (!step.hold && before === null) before = remember(document.activeElement);
    clearTimeout(timer);
    if (wedge.collecting) timer = setTimeout(() => act(wedge.idle()), patience(key.at));
    return step;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!listening()) return;
    // What the engine takes comes from there, and an input method may give back the first keys.
    if (ahead && wedge.collecting) return keep(event);
    ahead = false;
    const step = press({
      code: event.code,
      key: event.key,
      at: event.timeStamp,
      shift: event.shiftKey,
      capsLock: event.getModifierState("CapsLock"),
      command: event.ctrlKey || event.metaKey || (event.altKey && !event.getModifierState("AltGraph")),
      composing: event.isComposing,
      // Some web views report held keys as new ones: a key that never came up is held.
      repeat: event.repeat || (event.code !== "" && down.has(event.code)),
    });
    down.add(event.code);
    if (step.hold) keep(event);
  }

  function take(keys: readonly TakenKey[], begins: boolean): void {
    toPage = Math.min(toPage, performance.now() - (keys.at(-1)?.at ?? Number.NEGATIVE_INFINITY));
    if (begins && listening()) wedge.begin();
    keys.forEach((one, index) => {
      const key = { ...one, at: one.at + toPage, composing: false, repeat: false };
      const went = begins && index < keys.length - 1;
      ahead = true;
      const held = listening() && press(key).hold;
      if (!held && !went) insert(characterOf(key) ?? "", document.activeElement);
    });
  }

  function onKeyUp(event: KeyboardEvent): void {
    down.delete(event.code);
    // A button is pressed by Space when it comes up; inside a burst it must not be.
    if (wedge.collecting) keep(event);
  }

  /** Letters that slip past a held key all the same (input methods do that) are kept out. */
  function onBeforeInput(event: Event): void {
    if (!event.isTrusted) return;
    // An input method writes without a key that the page would have heard of.
    if (!wedge.collecting) return notice(true);
    event.preventDefault();
  }

  function onComposition(): void {
    if (!wedge.collecting) notice(true);
  }

  function onBlur(): void {
    down.clear();
    clearTimeout(timer);
    act(wedge.idle());
    wedge.reset();
  }

  target.addEventListener("keydown", onKeyDown, { capture: true });
  target.addEventListener("keyup", onKeyUp, { capture: true });
  target.addEventListener("beforeinput", onBeforeInput, { capture: true });
  target.addEventListener("compositionstart", onComposition, { capture: true });
  target.addEventListener("blur", onBlur);
  const stop = (): void => {
    clearTimeout(timer);
    clearTimeout(returning);
    target.removeEventListener("keydown", onKeyDown, { capture: true });
    target.removeEventListener("keyup", onKeyUp, { capture: true });
    target.removeEventListener("beforeinput", onBeforeInput, { capture: true });
    target.removeEventListener("compositionstart", onComposition, { capture: true });
    target.removeEventListener("blur", onBlur);
  };
  return { stop, take };
}
