/**
 * Who works at the console. The token lives in this object and nowhere else: closing the page ends
 * it. A session that a one-time password opened is a cookie, which no script reads; the tab
 * remembers only that there is one.
 */
import { Refusal } from "../src/api";
import type { ConsoleAuthority } from "./authority";
import type { Me, Proof, Role } from "./wire";

export type { Role } from "./wire";

const KEY = "yanma-console-session";

/** Somebody whose token counts, and who is to show more than that. */
export interface Gate {
  /** Calls with the token. */
  authority: ConsoleAuthority;
  me: Me;
}

export class ConsoleSession {
  authority = $state.raw<ConsoleAuthority | null>(null);
  me = $state.raw<Me | null>(null);
  gate = $state.raw<Gate | null>(null);
  /** The token or session stopped to count while somebody worked with it: the way in says so. */
  ended = $state(false);
  /** Signing out did not reach the authority: the session goes on until its end. */
  lingers = $state(false);
  /** How many recovery codes are left, after one opened the session. */
  recovered = $state<number | null>(null);
  /** Another app is being set up, in a session. */
  renewing = $state(false);

  readonly role: Role | null = $derived(this.me?.role ?? null);

  constructor(
    private readonly open: (token: string | null) => ConsoleAuthority,
    private readonly tab: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null = null,
  ) {}

  /** Throws the refusal of a token that does not count. */
  async signIn(token: string): Promise<void> {
    const authority = this.open(token);
    const me = await authority.me();
    this.#forget();
    if (me.second_factor === "to-set-up" || me.second_factor === "to-show") {
      this.gate = { authority, me };
    } else {
      this.me = me;
      this.authority = this.#watched(authority);
    }
  }

  /** Opens a session. Throws the refusal of what does not count. */
  async show(proof: Proof): Promise<void> {
    const opened = await this.gate?.authority.openSession(proof);
    if (!opened) return;
    await this.enter();
    this.recovered = "recovery_code" in proof ? opened.recovery_codes_left : null;
  }

  /** Works with the session from here on. */
  async enter(): Promise<void> {
    const authority = this.open(null);
    this.me = await authority.me();
    this.authority = this.#watched(authority);
    this.ended = false;
    this.tab?.setItem(KEY, "open");
  }

  /** Goes on with the session of this tab after the page was loaded anew. Never throws. */
  async resume(): Promise<void> {
    if (!this.tab?.getItem(KEY)) return;
    try {
      await this.enter();
    } catch {
      this.tab.removeItem(KEY);
    }
  }

  /** The authority says that the other step is the next one: somebody reset what was set up. */
  reconsider(second_factor: Me["second_factor"]): void {
    if (this.gate) this.gate = { ...this.gate, me: { ...this.gate.me, second_factor } };
  }

  may(right: string): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  async signOut(): Promise<void> {
    const authority = this.me?.second_factor === "shown" ? this.authority : null;
    this.#forget();
    try {
      await authority?.signOut();
    } catch {
      this.lingers = true;
    }
  }

  expire(): void {
    const { gate } = this;
    this.#forget();
    // Whoever came with a token in this tab shows another password; the token is known.
    this.gate = gate && { ...gate, me: { ...gate.me, second_factor: "to-show" } };
    this.ended = true;
  }

  /** The token itself stopped to count. */
  expireWhole(): void {
    this.#forget();
    this.ended = true;
  }

  /** The same authority. When it answers any call that the caller counts no longer, the session ends. */
  #watched(authority: ConsoleAuthority): ConsoleAuthority {
    const calls = Object.entries(authority).map(([name, call]: [string, (...given: unknown[]) => Promise<unknown>]) => {
      const watchedCall = async (...given: unknown[]) => {
        try {
          return await call(...given);
        } catch (cause) {
          const gone = cause instanceof Refusal && cause.code === "unauthorised";
          if (gone && this.authority === watched) this.expire();
          throw cause;
        }
      };
      return [name, watchedCall] as const;
    });
    const watched = Object.fromEntries(calls) as unknown as ConsoleAuthority;
    return watched;
  }

  #forget(): void {
    this.authority = null;
    this.me = null;
    this.gate = null;
    this.ended = false;
    this.lingers = false;
    this.recovered = null;
    this.renewing = false;
    this.tab?.removeItem(KEY);
  }
}
