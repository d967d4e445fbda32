/**
 * Tells a scanner that types ("keyboard wedge") from a person who types, and collects what the
 * scanner sent. A pure state machine over keys and their time stamps; `wedge-listener.ts` ties it to
 * a window.
 *
 * A run of keys no more than {@link BURST_GAP_MS} apart becomes a burst at its third key. From then
 * on nothing reaches the page, and what the first two keys did to a field is undone. A burst ends by
 * silence: {@link IDLE_MS}, or much less after Enter or Tab, which are its suffix if nothing follows
 * and a line end of its text if something does (driving licences have several). Shorter than
 * {@link MIN_LENGTH}, it was a quick typist after all and is given back.
 */

/** Keys of a scanner follow each other at least this fast; people do not, three times in a row. */
export const BURST_GAP_MS = 50;
/** A recognised burst may pause this long (some scanners and busy machines do) before it is over. */
export const IDLE_MS = 200;
/** An Enter or Tab this soon after a burst is its suffix, even if the burst had ended by idling. */
export const SUFFIX_GRACE_MS = 250;
/** After Enter or Tab the silence is this long, and {@link GAPS_AFTER_SUFFIX} mean gaps more. */
export const AFTER_SUFFIX_MS = 20;
const GAPS_AFTER_SUFFIX = 3;
/** Shorter than every code and number a desk reads. */
export const MIN_LENGTH = 6;
/** The key of a run from which on it is a burst. */
const RECOGNISED_AT = 3;
/** No symbol holds more; a longer run is a stuck key or an attack, and is cut here. */
const MAX_LENGTH = 4296;

/** What the machine needs of a `KeyboardEvent`. */
export interface Key {
  /** Physical key, such as "Digit1". */
  readonly code: string;
  /** What layout and input method made of it, such as "1", "Enter", "Process". */
  readonly key: string;
  /** `event.timeStamp`: when the key went down, not when the page got round to it. */
  readonly at: number;
  readonly shift: boolean;
  readonly capsLock: boolean;
  /** Ctrl, Alt or Meta is down (AltGraph is not one of them). */
  readonly command: boolean;
  /** An input method is composing. */
  readonly composing: boolean;
  /** The key was already down: held, not pressed. */
  readonly repeat: boolean;
}

/** What a finished burst was like, without what it said; shown on the devices screen. */
export interface BurstFacts {
  readonly length: number;
  /** Mean time between keys, in ms. */
  readonly gapMs: number;
  readonly suffix: "Enter" | "Tab" | null;
}

/** The characters of a usual health code: a short host, and up to 223 digits. */
const CODE_LENGTH = 236;

/**
 * How many seconds a health code takes a scanner that types like this; null where nobody waits for
 * it: up to a second.
 */
export function codeSeconds(facts: BurstFacts): number | null {
  const seconds = (CODE_LENGTH * facts.gapMs) / 1000;
  return seconds > 1 ? seconds : null;
}

/** What is to be done about a key. */
export interface Step {
  /** Keep the key from the page. */
  readonly hold: boolean;
  /** The run has just become a burst: undo what its first keys did to the focused field. */
  readonly undo?: true;
  /** A whole reading. */
  readonly text?: string;
  /** The same by the positions of the keys, as if the layout were the scanner's (US). */
  readonly byPosition?: string;
  readonly facts?: BurstFacts;
  /** A quick typist's keys that were held: put them into the focused field. */
  readonly giveBack?: string;
}

const PASS: Step = { hold: false };
const HOLD: Step = { hold: true };

const MODIFIERS = new Set(["Shift", "CapsLock", "Control", "Alt", "AltGraph", "Meta", "NumLock"]);

/** What a driving licence's code begins with; a line end comes next. */
const OPENS_LINES = "@";

/** Control characters as scanners type them: Ctrl and the key that makes them. */
const WITH_CONTROL: Record<string, string> = {
  KeyD: "\u0004", KeyJ: "\n", KeyM: "\r", Backslash: "\u001c", BracketRight: "\u001d", Digit6: "\u001e", Minus: "\u001f",
};

/** An input method took the key: what it is called is no longer told. */
export function veiled(key: Key): boolean {
  return key.composing || key.key === "Process" || key.key === "Unidentified" || key.key === "Dead";
}

/** What the key is called when it types no character. */
function nameOf(key: Key): string {
  if (!veiled(key)) return key.key;
  if (key.code === "NumpadEnter") return "Enter";
  return key.code.replace(/(Left|Right)$/, "");
}

/** US layout: every scanner's factory setting, and what an input method leaves us to go by. */
const US_PLAIN: Record<string, string> = {
  Backquote: "`~", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
  Semicolon: ";:", Quote: "'\"", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  Digit1: "1!", Digit2: "2@", Digit3: "3#", Digit4: "4$", Digit5: "5%",
  Digit6: "6^", Digit7: "7&", Digit8: "8*", Digit9: "9(", Digit0: "0)",
  NumpadDecimal: "..", NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//",
};

function fromCode(code: string, shift: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  const digit = /^Numpad(\d)$/.exec(code)?.[1];
  if (digit) return digit;
  return US_PLAIN[code]?.charAt(shift ? 1 : 0) ?? null;
}

/** Full-width forms as an input method makes them, back to ASCII. */
function narrow(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point === 0x3000) return " ";
  if (point === 0x3002) return ".";
  return point >= 0xff01 && point <= 0xff5e ? String.fromCharCode(point - 0xfee0) : character;
}

/**
 * The character a scanner meant by a key, or `null` for a key that types nothing. Under an input
 * method the physical key decides; Caps Lock is undone, because the scanner pressed Shift itself.
 */
export function characterOf(key: Key): string | null {
  if (veiled(key)) return fromCode(key.code, key.shift);
  if ([...key.key].length !== 1) return null;
  const character = narrow(key.key);
  if (key.capsLock && /^[a-z]$/i.test(character)) {
    return key.shift ? character.toUpperCase() : character.toLowerCase();
  }
  return character;
}

export class Wedge {
  #text = "";
  #byPosition = "";
  /** Keys that typed something, suffix included. */
  #keys = 0;
  #first = 0;
  #last = Number.NEGATIVE_INFINITY;
  #burst = false;
  /** When the last burst ended; a late suffix belongs to it. */
  #endedAt = Number.NEGATIVE_INFINITY;

  /** The run has become a burst; `idle` must be called when nothing more comes. */
  get collecting(): boolean {
    return this.#burst;
  }

  /** How long nothing must come for the burst to be over, in ms. */
  get silenceMs(): number {
    if (!/[\r\n\t]$/.test(this.#text)) return IDLE_MS;
    return Math.min(IDLE_MS, AFTER_SUFFIX_MS + GAPS_AFTER_SUFFIX * this.#gapMs);
  }

  /** The next key may begin a run: the moment to remember what the focused field holds. */
  startsRun(at: number): boolean {
    return !this.#burst && (this.#text === "" || at - this.#last > BURST_GAP_MS);
  }

  press(key: Key): Step {
    // Time stamps of a burst can arrive late together; the stamps decide, not the arrival.
    if (this.#burst && key.at - this.#last > this.silenceMs) {
      const ended = this.#end();
      const next = this.press(key);
      return { ...ended, ...next, hold: next.hold };
    }
    const name = nameOf(key);
    if (MODIFIERS.has(name)) {
      // A scanner presses Shift between two characters; that must not look like a pause.
      if (this.#follows(key.at) || this.#opens(key.at)) this.#last = key.at;
      return PASS;
    }
    if (key.repeat) {
      if (!this.#burst) this.#forget();
      return this.#burst ? HOLD : PASS;
    }
    if (name === "Enter" || name === "Tab") return this.#suffix(key, name);
    if (key.command) return this.#control(key);
    const character = characterOf(key);
    if (character === null) {
      if (this.#burst) return HOLD;
      this.#forget();
      return PASS;
    }
    return this.#type(character, fromCode(key.code, key.shift) ?? character, key.at);
  }

  /** What comes next is a run from its first key on, whatever was heard of it already. */
  begin(): void {
    this.#forget();
  }

  /** Nothing has come for a while: the burst is over. */
  idle(): Step {
    return this.#burst ? this.#end() : PASS;
  }

  /** Forgets everything, for when the window loses the keyboard. */
  reset(): void {
    this.#forget();
    this.#endedAt = Number.NEGATIVE_INFINITY;
  }

  /** A key at this time would go on with the run. */
  #follows(at: number): boolean {
    return this.#text !== "" && at - this.#last <= (this.#burst ? IDLE_MS : BURST_GAP_MS);
  }

  /** A line end at this time would be the first of a licence. */
  #opens(at: number): boolean {
    return this.#text.startsWith(OPENS_LINES) && at - this.#last <= IDLE_MS;
  }

  get #gapMs(): number {
    return (this.#last - this.#first) / Math.max(1, this.#keys - 1);
  }

  #type(character: string, atPosition: string, at: number, opened = false): Step {
    if (!this.#burst && !opened && !this.#follows(at)) {
      this.#forget();
      this.#first = at;
    }
    if (this.#text.length < MAX_LENGTH) {
      this.#text += character;
      this.#byPosition += atPosition;
    }
    this.#keys += 1;
    this.#last = at;
    if (this.#burst) return HOLD;
    if (this.#keys < RECOGNISED_AT && !opened) return PASS;
    this.#burst = true;
    return { hold: true, undo: true };
  }

  #suffix(key: Key, name: "Enter" | "Tab"): Step {
    if (this.#burst || this.#opens(key.at)) {
      const mark = name === "Enter" ? "\n" : "\t";
      return { ...this.#type(mark, mark, key.at, true), hold: true };
    }
    // CR LF, or a suffix that came after the burst had ended by idling.
    if (key.at - this.#endedAt <= SUFFIX_GRACE_MS) return HOLD;
    const tail = this.#text.length > 1 && this.#follows(key.at);
    this.#forget();
    return tail ? HOLD : PASS;
  }

  /** Control characters inside cards' codes arrive as Ctrl combinations; others are commands of a person. */
  #control(key: Key): Step {
    const character = WITH_CONTROL[key.code];
    if (character !== undefined && (this.#burst || this.#opens(key.at))) {
      return { ...this.#type(character, character, key.at, true), hold: true };
    }
    if (this.#burst) return HOLD;
    this.#forget();
    return PASS;
  }

  #end(): Step {
    const text = this.#text.replace(/[\r\n\t]+$/, "");
    const byPosition = this.#byPosition.replace(/[\r\n\t]+$/, "");
    const mark = this.#text.charAt(text.length);
    const suffix = mark === "" ? null : mark === "\t" ? "Tab" : "Enter";
    const facts = { length: text.length, gapMs: this.#gapMs, suffix } as const;
    const endedAt = this.#last;
    this.#forget();
    if (text.length < MIN_LENGTH) return { hold: false, giveBack: text };
    this.#endedAt = endedAt;
    return { hold: false, text, byPosition, facts };
  }

  #forget(): void {
    this.#text = "";
    this.#byPosition = "";
    this.#keys = 0;
    this.#burst = false;
    this.#last = Number.NEGATIVE_INFINITY;
  }
}
