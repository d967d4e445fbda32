import { type BurstFacts, IDLE_MS, type Key, type Step, Wedge } from "./wedge";

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** What a control held before a run of keys, to be put back when the run proves a scanner's. */
interface Before {
  control: TextControl | HTMLSelectElement;
  value: string;
  start: number | null;
  end: number | null;
}

export interface WedgeHearers {
  /** A whole reading came. */
  text(text: string): void;
  facts?(facts: BurstFacts): void;
  /** Whether there is a desk to read for; while there is none, keys are only keys. */
  listening?(): boolean;
}

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

function tell(control: HTMLElement, event: "input" | "change"): void {
  control.dispatchEvent(new Event(event, { bubbles: true }));
}

function restore(before: Before | null): void {
  if (!before?.control.isConnected || before.control.value === before.value) return;
  const { control, value, start, end } = before;
  control.value = value;
  if ("setSelectionRange" in control && start !== null) control.setSelectionRange(start, end);
  tell(control, control instanceof HTMLSelectElement ? "change" : "input");
}

function insert(text: string, field: Element | null): void {
  const control = textControl(field);
  if (!control?.isConnected || control.readOnly || control.disabled) return;
  const [start, end] = [control.selectionStart ?? control.value.length, control.selectionEnd ?? control.value.length];
  control.setRangeText(text, start, end, "end");
  tell(control, "input");
}

/**
 * Catches what a keyboard scanner types, wherever the focus is, before anything else on the page
 * sees it. Call once; gives back what stops it.
 */
export function listenForWedge(target: Window, hearers: WedgeHearers): () => void {
  const wedge = new Wedge();
  const down = new Set<string>();
  let before: Before | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leastLag = Number.POSITIVE_INFINITY;

  /** How long to wait before calling the scanner silent; longer when keys reach us late. */
  function patience(stamp: number): number {
    const lag = performance.now() - stamp;
    leastLag = Math.min(leastLag, lag);
    return IDLE_MS + Math.min(2000, 2 * (lag - leastLag));
  }

  function act(step: Step): void {
    // Held keys go back to where they were typed, wherever the focus is by now.
    const field = before?.control ?? null;
    if (step.undo) restore(before);
    if (step.text !== undefined || step.giveBack !== undefined) {
      // Once more: an input method may have written its letters after the first time.
      restore(before);
      before = null;
    }
    if (step.giveBack) insert(step.giveBack, field);
    if (step.facts) hearers.facts?.(step.facts);
    if (step.text !== undefined) hearers.text(step.text);
  }

  const listening = (): boolean => hearers.listening?.() ?? true;

  function onKeyDown(event: KeyboardEvent): void {
    if (!listening()) return;
    const key: Key = {
      code: event.code,
      key: event.key,
      at: event.timeStamp,
      shift: event.shiftKey,
      capsLock: event.getModifierState("CapsLock"),
      command: event.ctrlKey || event.metaKey || (event.altKey && !event.getModifierState("AltGraph")),
      composing: event.isComposing,
      // Some web views report held keys as new ones: a key that never came up is held.
      repeat: event.repeat || (event.code !== "" && down.has(event.code)),
    };
    down.add(event.code);
    if (wedge.startsRun(key.at)) before = remember(document.activeElement);
    const step = wedge.press(key);
    if (step.hold) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    act(step);
    // The key that ended a silent burst is also the first of a new run.
    if (!step.hold && before === null) before = remember(document.activeElement);
    clearTimeout(timer);
    if (wedge.collecting) timer = setTimeout(() => act(wedge.idle()), patience(key.at));
  }

  function onKeyUp(event: KeyboardEvent): void {
    down.delete(event.code);
    // A button is pressed by Space when it comes up; inside a burst it must not be.
    if (wedge.collecting) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  /** Letters that slip past a held key all the same (input methods do that) are kept out. */
  function onBeforeInput(event: Event): void {
    if (!wedge.collecting || !event.isTrusted) return;
    event.preventDefault();
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
  target.addEventListener("blur", onBlur);
  return () => {
    clearTimeout(timer);
    target.removeEventListener("keydown", onKeyDown, { capture: true });
    target.removeEventListener("keyup", onKeyUp, { capture: true });
    target.removeEventListener("beforeinput", onBeforeInput, { capture: true });
    target.removeEventListener("blur", onBlur);
  };
}
