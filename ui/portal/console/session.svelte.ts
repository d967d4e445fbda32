/** Who works at the console. The token lives in this object and nowhere else: closing the page ends it. */
import type { ConsoleAuthority } from "./authority";
import type { Me, Role } from "./wire";

export type { Role } from "./wire";

export class ConsoleSession {
  authority = $state.raw<ConsoleAuthority | null>(null);
  me = $state.raw<Me | null>(null);
  /** The token stopped to count while somebody worked with it: the sign-in says so. */
  ended = $state(false);

  readonly role: Role | null = $derived(this.me?.role ?? null);

  constructor(private readonly open: (token: string) => ConsoleAuthority) {}

  /** Throws the refusal of a token that does not count. */
  async signIn(token: string): Promise<void> {
    const authority = this.open(token);
    this.me = await authority.me();
    this.authority = authority;
    this.ended = false;
  }

  may(right: string): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  signOut(): void {
    this.authority = null;
    this.me = null;
  }

  expire(): void {
    this.signOut();
    this.ended = true;
  }
}
