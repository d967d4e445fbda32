import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IDLE_MS } from "./wedge";
import { listenForWedge } from "./wedge-listener";

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

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  document.body.innerHTML = `<input id="field" value="ab"><button id="button">x</button>`;
  stop = listenForWedge(window, { text: (text) => heard.push(text) });
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
    expect(field().value).toBe("ab");
    expect(field().selectionStart).toBe(1);
    expect(heard).toEqual([CODE]);
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
    stop = listenForWedge(window, { text: (text) => heard.push(text), listening: () => false });
    field().focus();
    field().setSelectionRange(2, 2);
    scan("7X6BFQ62");
    vi.advanceTimersByTime(10 * IDLE_MS);
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
