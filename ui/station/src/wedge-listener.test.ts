import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IDLE_MS } from "./wedge";
import { type TakenKey, type WedgeListener, listenForWedge } from "./wedge-listener";

/** Presses a key as a browser does: keydown, then its default action, then keyup. */
function press(name: string, at: number, on: Element = document.activeElement ?? document.body): boolean {
  const code = /^\d$/.test(name) ? `Digit${name}` : /^[A-Z]$/i.test(name) ? `Key${name.toUpperCase()}` : name;
  const down = new KeyboardEvent("keydown", { key: name, code, bubbles: true, cancelable: true });
  Object.defineProperty(down, "timeStamp", { value: at });
  const allowed = on.dispatchEvent(down);
  if (allowed && name.length === 1 && on instanceof HTMLInputElement) {
    on.setRangeText(name, on.selectionStart ?? 0, on.selectionEnd ?? 0, "end");
    on.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (allowed && name === "Enter" && on instanceof HTMLButtonElement) on.click();
  on.dispatchEvent(new KeyboardEvent("keyup", { key: name, code, bubbles: true, cancelable: true }));
  return allowed;
}

function scan(text: string, gap = 2, from = 1000): number {
  [...text].forEach((c, i) => press(c, from + i * gap));
  return from + text.length * gap;
}

const CODE = "HTTPSABC350100190001010012";
let heard: string[];
let stop: () => void;
let take: WedgeListener["take"];

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  document.body.innerHTML = `<input id="field" value="ab"><button id="button">x</button>`;
  ({ stop, take } = listenForWedge(window, { text: (text) => heard.push(text) }));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

const field = () => document.getElementById("field") as HTMLInputElement;

describe("a scan wherever the focus is", () => {
  it("leaves a field as it was, caret included", () => {
    field().focus();
    field().setSelectionRange(1, 1);
    const at = scan(CODE);
    expect(press("Enter", at)).toBe(false);
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(field().value).toBe("ab");
    expect(field().selectionStart).toBe(1);
    expect(heard).toEqual([CODE]);
  });

  it("takes the keyboard from an input method, and gives it back to the field", () => {
    field().focus();
    field().setSelectionRange(1, 1);
    [..."MTESCABD"].forEach((c, i) => {
      const down = new KeyboardEvent("keydown", { key: "Process", code: `Key${c}`, shiftKey: true, bubbles: true, cancelable: true });
      Object.defineProperty(down, "timeStamp", { value: 1000 + i * 2 });
      document.activeElement?.dispatchEvent(down);
      // What the input method composes is written when the field loses it.
      if (i < 3) field().value += "h";
    });
    expect(document.activeElement).toBe(document.body);
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(heard).toEqual(["MTESCABD"]);
    expect(field().value).toBe("ab");
    expect(document.activeElement).toBe(field());
    expect(field().selectionStart).toBe(1);
  });

  it("tells a bound field that its value came back", () => {
    const seen: string[] = [];
    field().addEventListener("input", () => seen.push(field().value));
    field().focus();
    scan(CODE);
    expect(seen.at(-1)).toBe("ab");
  });

  it("never presses the focused button", () => {
    const clicked = vi.fn();
    document.getElementById("button")?.addEventListener("click", clicked);
    document.getElementById("button")?.focus();
    press("Enter", scan(CODE));
    expect(clicked).not.toHaveBeenCalled();
    press("Enter", 60_000);
    expect(clicked).toHaveBeenCalledOnce();
  });

  it("is not seen by other listeners of the page", () => {
    const other = vi.fn();
    window.addEventListener("keydown", other);
    scan(CODE);
    window.removeEventListener("keydown", other);
    expect(other).toHaveBeenCalledTimes(2);
  });

  it("ends by silence", () => {
    scan(CODE);
    vi.advanceTimersByTime(IDLE_MS - 1);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(3000);
    expect(heard).toEqual([CODE]);
  });
});

describe("a person who types", () => {
  it("fills the field", () => {
    field().focus();
    field().setSelectionRange(2, 2);
    [..."3501"].forEach((c, i) => press(c, 1000 + i * 140));
    vi.advanceTimersByTime(5000);
    expect(field().value).toBe("ab3501");
    expect(heard).toEqual([]);
  });

  it("gets a quick roll of the fingers back", () => {
    field().focus();
    field().setSelectionRange(2, 2);
    scan("ing", 35);
    vi.advanceTimersByTime(5000);
    expect(field().value).toBe("abing");
    expect(heard).toEqual([]);
  });

  it("may hold a key down", () => {
    field().focus();
    for (let i = 0; i < 10; i++) {
      const down = new KeyboardEvent("keydown", { key: "1", code: "Digit1", bubbles: true, cancelable: true });
      Object.defineProperty(down, "timeStamp", { value: 1000 + i * 33 });
      expect(field().dispatchEvent(down)).toBe(true);
    }
  });
});

describe("a desk that is not enrolled yet", () => {
  it("lets a scanner type into the field, as the enrolment code may be a barcode", () => {
    stop();
    ({ stop, take } = listenForWedge(window, { text: (text) => heard.push(text), listening: () => false }));
    field().focus();
    field().setSelectionRange(2, 2);
    scan("7X6BFQ62");
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(field().value).toBe("ab7X6BFQ62");
    expect(heard).toEqual([]);
  });
});

describe("keys that the engine took before an input method had them", () => {
  const keys = (text: string, from = 0): TakenKey[] =>
    [...text].map((key, i) => ({ code: `Key${key}`, key, at: from + 2 * i, shift: true, capsLock: false, command: false }));

  it("are a reading, and what the input method made of the first two is undone", () => {
    field().focus();
    field().setSelectionRange(1, 1);
    field().dispatchEvent(new Event("compositionstart", { bubbles: true }));
    field().value = "ahtb";
    take(keys("HTT"), true);
    expect(document.activeElement).toBe(document.body);
    take(keys("PSABC", 6), false);
    // Given back late by the input method, the first keys are not typed again.
    expect(press("H", 1016)).toBe(false);
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(heard).toEqual(["HTTPSABC"]);
    expect(field().value).toBe("ab");
    expect(document.activeElement).toBe(field());
  });

  it("are not counted twice when the page has heard of the first two", () => {
    field().focus();
    press("H", 1000);
    press("T", 1002);
    take(keys("HTT"), true);
    take(keys("PSABC", 6), false);
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(heard).toEqual(["HTTPSABC"]);
    expect(field().value).toBe("ab");
  });

  it("are typed into the field of a desk that is not enrolled yet, each once", () => {
    stop();
    ({ stop, take } = listenForWedge(window, { text: (text) => heard.push(text), listening: () => false }));
    field().focus();
    field().setSelectionRange(2, 2);
    scan("7X");
    take(keys("7X6"), true);
    take(keys("BFQ62", 6), false);
    vi.advanceTimersByTime(30 * IDLE_MS);
    expect(field().value).toBe("ab7X6BFQ62");
    expect(heard).toEqual([]);
  });
});

describe("keys that were held and are no scan", () => {
  it("go back to the field they were typed in, also when the focus has moved", () => {
    document.body.insertAdjacentHTML("beforeend", `<input id="other" value="">`);
    field().focus();
    field().setSelectionRange(2, 2);
    scan("ABCD");
    (document.getElementById("other") as HTMLInputElement).focus();
    vi.advanceTimersByTime(100 * IDLE_MS);
    expect(field().value).toBe("abABCD");
    expect((document.getElementById("other") as HTMLInputElement).value).toBe("");
  });
});
