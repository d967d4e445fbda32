import type { Decision, EntryRow, LogFilter } from "../platform/views";
import type { Platform } from "../platform/platform";

/** Rows on a page of the log. */
export const PAGE = 50;

/** A day as the engine takes it, or none: a web view without a date field lets anything be typed. */
export function wholeDay(text: string): string | null {
  const day = text.trim();
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null;
}

/** A time as the engine takes it, or none. */
export function wholeTime(text: string): string | null {
  const time = text.trim();
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time) ? time : null;
}

/** The log screen's state: what is searched for, the page that is open, the rows of it. */
export class LogSearch {
  text = $state("");
  decision = $state<Decision | null>(null);
  /** Days such as "2026-11-23", both included; empty for no limit. */
  fromDay = $state("");
  toDay = $state("");
  /** Times such as "14:30" on these days, the second exclusive; empty for the whole day. */
  sinceTime = $state("");
  untilTime = $state("");
  rows = $state.raw<EntryRow[]>([]);
  more = $state(false);
  busy = $state(false);
  failed = $state<unknown>(null);
  /** Where each earlier page began, so that one can go back to newer entries. */
  #trail = $state<(number | null)[]>([]);
  #before = $state<number | null>(null);
  #turn = 0;

  constructor(readonly platform: Platform) {}

  get page(): number {
    return this.#trail.length + 1;
  }

  get filter(): LogFilter {
    return {
      text: this.text.trim() || null,
      decision: this.decision,
      from: wholeDay(this.fromDay),
      to: wholeDay(this.toDay),
      since: wholeDay(this.fromDay) && wholeTime(this.sinceTime),
      until: wholeDay(this.toDay) && wholeTime(this.untilTime),
      before: this.#before,
      limit: PAGE + 1,
    };
  }

  /** From the newest entry that matches. */
  search(): Promise<void> {
    this.#trail = [];
    this.#before = null;
    return this.#load();
  }

  older(): Promise<void> {
    const last = this.rows.at(-1);
    if (!this.more || !last) return Promise.resolve();
    this.#trail = [...this.#trail, this.#before];
    this.#before = last.number;
    return this.#load();
  }

  newer(): Promise<void> {
    const back = this.#trail.at(-1);
    if (back === undefined) return Promise.resolve();
    this.#trail = this.#trail.slice(0, -1);
    this.#before = back;
    return this.#load();
  }

  async #load(): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const rows = await this.platform.searchLog(this.filter);
      // A later search has overtaken this one.
      if (turn !== this.#turn) return;
      this.rows = rows.slice(0, PAGE);
      this.more = rows.length > PAGE;
      this.failed = null;
    } catch (error) {
      if (turn === this.#turn) this.failed = error;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
