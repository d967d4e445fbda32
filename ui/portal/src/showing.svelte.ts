/** One code on screen: its life, its renewal, and what is said when renewal fails. */
import { Refusal } from "./api";
import type { Shown } from "./wire";

/**
 * The authority stamps a code in whole seconds, so a code may be up to a second older than the
 * request that asked for it. A code is called expired that much early rather than late.
 */
const STAMP_ROUNDING_MS = 1_000;
/** A renewal starts this long before the end, or at three quarters of a very short life. */
const RENEW_BEFORE_MS = 10_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15_000;

/**
 * Two clocks, because each can fail: the monotonic one stands still while some phones sleep, and
 * the wall clock is whatever the phone's owner set. Ages are the larger of the two.
 */
export interface Ticker {
  monotonicMs(): number;
  wallMs(): number;
}

export type Phase = "waiting" | "live" | "expired";

/**
 * Asks for codes and says whether the last one may still be called live. It owns no timer:
 * whoever shows it calls `tick` a few times a second while the page is visible, and not otherwise.
 */
export class Showing {
  /** The last code received, live or not. */
  code = $state.raw<Shown | null>(null);
  phase = $state<Phase>("waiting");
  /** Why the last attempt failed; null after a success. */
  trouble = $state.raw<Refusal | null>(null);
  asking = $state(false);
  /** Whole seconds of life left, rounded up; 0 when expired. */
  secondsLeft = $state(0);
  /** Part of the life left, 1 … 0. */
  partLeft = $state(0);
  /** The authority's time now, or null before the first code: the phone's clock is not believed. */
  now = $state.raw<Date | null>(null);

  #start = { monotonicMs: 0, wallMs: 0 };
  #lifeMs = 0;
  #retryMs = FIRST_RETRY_MS;
  /** When (monotonic) the next attempt is due after a failure; null when none is planned. */
  #retryAtMs: number | null = null;
  #stopped = false;

  constructor(
    private readonly ask: () => Promise<Shown>,
    private readonly ticker: Ticker,
  ) {}

  /** Asks for a code now, whatever was planned: the first time, and when the person asks for it. */
  async renew(): Promise<void> {
    if (this.asking || this.#stopped) return;
    this.asking = true;
    const start = { monotonicMs: this.ticker.monotonicMs(), wallMs: this.ticker.wallMs() };
    try {
      const code = await this.ask();
      const issuedMs = Date.parse(code.issued_at);
      const lifeMs = Math.min(
        code.lifetime_seconds * 1000,
        Date.parse(code.expires_at) - issuedMs,
      );
      if (!Number.isFinite(lifeMs) || lifeMs <= 0) throw new Refusal("bad-answer");
      this.code = code;
      // Life is counted from before the request left, never from when the answer came.
      this.#start = start;
      this.#lifeMs = Math.max(lifeMs - STAMP_ROUNDING_MS, 1);
      this.#retryMs = FIRST_RETRY_MS;
      this.#retryAtMs = null;
      this.trouble = null;
    } catch (cause) {
      const refusal = cause instanceof Refusal ? cause : new Refusal("bad-answer");
      this.trouble = refusal;
      this.#planRetry(refusal);
    } finally {
      this.asking = false;
      this.#measure();
    }
  }

  /** Brings the age up to date, and renews when it is time. */
  tick(): void {
    this.#measure();
    if (this.asking || this.#stopped) return;
    if (this.trouble) {
      if (this.#retryAtMs !== null && this.ticker.monotonicMs() >= this.#retryAtMs) {
        void this.renew();
      }
      return;
    }
    const renewAtMs = Math.max(this.#lifeMs - RENEW_BEFORE_MS, this.#lifeMs * 0.75);
    if (this.phase !== "live" || this.#ageMs() >= renewAtMs) void this.renew();
  }

  /** No further requests; an answer still under way is kept. */
  stop(): void {
    this.#stopped = true;
  }

  #planRetry(refusal: Refusal): void {
    if (!refusal.passing) {
      this.#retryAtMs = null;
      return;
    }
    const waitMs = Math.max((refusal.retryAfterSeconds ?? 0) * 1000, this.#retryMs);
    this.#retryAtMs = this.ticker.monotonicMs() + waitMs;
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #ageMs(): number {
    return Math.max(
      this.ticker.monotonicMs() - this.#start.monotonicMs,
      this.ticker.wallMs() - this.#start.wallMs,
    );
  }

  #measure(): void {
    if (!this.code) return;
    const leftMs = this.#lifeMs - this.#ageMs();
    this.phase = leftMs > 0 ? "live" : "expired";
    this.secondsLeft = Math.max(0, Math.ceil(leftMs / 1000));
    this.partLeft = Math.min(1, Math.max(0, leftMs / this.#lifeMs));
    this.now = new Date(Date.parse(this.code.issued_at) + Math.max(0, this.#ageMs()));
  }
}
