/** Who works at the console. The token lives in this object and nowhere else: closing the page ends it. */
import { Refusal } from "../src/api";
import type { ConsoleAuthority } from "./authority";

export type Role = "clerk" | "department";

export class ConsoleSession {
  authority = $state.raw<ConsoleAuthority | null>(null);
  role = $state<Role | null>(null);
  /** The token stopped to count while somebody worked with it: the sign-in says so. */
  ended = $state(false);

  constructor(private readonly open: (token: string) => ConsoleAuthority) {}

  /** Throws the refusal of a token that does not count. */
  async signIn(token: string): Promise<void> {
    const authority = this.open(token);
    this.role = await roleOf(authority);
    this.authority = authority;
    this.ended = false;
  }

  signOut(): void {
    this.authority = null;
    this.role = null;
  }

  expire(): void {
    this.signOut();
    this.ended = true;
  }
}

/** A department may report and nothing else; the server says so when it asks for entries. */
async function roleOf(authority: ConsoleAuthority): Promise<Role> {
  try {
    await authority.entries(0, 1);
    return "clerk";
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === "forbidden") return "department";
    throw cause;
  }
}
