/** Who is signed in and what they hold, as the authority last said. */
import { Refusal, type Authority } from "./api";
import { Draft } from "./draft.svelte";
import { Family } from "./family.svelte";
import type {
  Account,
  Credentials,
  FamilyMember,
  Holder,
  Origin,
  Person,
  Registration,
} from "./wire";

/** One person's code on this page: one's own, or that of a family member. */
export interface Whose {
  person: Person;
  /** Null before it is claimed. */
  holder: Holder | null;
  /** Null for one's own. */
  member: FamilyMember | null;
}

/** `unreachable` is not `out`: nobody is asked for a password because a network is down. */
export type SessionPhase = "unknown" | "unreachable" | "out" | "in";

export class Session {
  phase = $state<SessionPhase>("unknown");
  account = $state.raw<Account | null>(null);
  holder = $state.raw<Holder | null>(null);
  /** The session ended by itself: the log-in screen says so. */
  ended = $state(false);
  /** The code was withdrawn on this page just now; the authority then knows of no code at all. */
  withdrawn = $state(false);
  /** What was typed into a claim that is not sent yet. */
  readonly draft = new Draft();

  readonly family: Family;

  constructor(readonly authority: Authority) {
    this.family = new Family(authority, () => this.expire());
  }

  /** Whose code an address means: `null` is one's own. */
  whose(id: string | null): Whose | null {
    const member = this.family.find(id);
    if (member) return { person: member, holder: member.holder, member };
    if (id !== null || !this.account) return null;
    return { person: this.account, holder: this.holder, member: null };
  }

  /** Asks again about one person's code. Never throws. */
  refresh(id: string | null): Promise<void> {
    return id === null ? this.load() : this.family.load();
  }

  /** Asks who is signed in. Never throws: the phase is the answer. */
  async load(): Promise<void> {
    try {
      const me = await this.authority.me();
      this.account = me.account;
      this.holder = me.holder;
      this.phase = "in";
      this.ended = false;
    } catch (cause) {
      const was = this.phase;
      if (cause instanceof Refusal && cause.code === "unauthorised") {
        this.#forget();
        this.ended = was === "in";
      } else if (was !== "in") {
        this.phase = "unreachable";
      }
    }
  }

  async register(registration: Registration): Promise<void> {
    await this.#enter(() => this.authority.register(registration));
  }

  async login(credentials: Credentials): Promise<void> {
    await this.#enter(() => this.authority.login(credentials));
  }

  async logout(): Promise<void> {
    await this.authority.logout();
    this.#forget();
  }

  /** Proves better who one is; the account then says how well that is known. */
  async prove(call: (authority: Authority) => Promise<Account>): Promise<void> {
    this.account = await call(this.authority);
  }

  async claim(from: Origin): Promise<void> {
    await this.authority.claim(from);
    this.draft.clear();
    this.withdrawn = false;
    await this.load();
  }

  async withdraw(): Promise<void> {
    await this.authority.withdraw(null);
    this.withdrawn = true;
    this.holder = null;
    await this.load();
  }

  /** A call was answered `unauthorised`: the cookie no longer counts. */
  expire(): void {
    this.#forget();
    this.ended = true;
  }

  async #enter(call: () => Promise<Account>): Promise<void> {
    this.account = await call();
    this.holder = null;
    this.phase = "unknown";
    await this.load();
  }

  #forget(): void {
    this.account = null;
    this.holder = null;
    this.withdrawn = false;
    this.draft.clear();
    this.family.forget();
    this.phase = "out";
  }
}
