/** Everybody whose code this account claimed, as the authority last said. */
import { Refusal, type Authority } from "./api";
import type { FamilyClaim, FamilyMember, Relation } from "./wire";

/** How many codes of a relation there may be at once; the authority counts them itself. */
export const MOST: Readonly<Record<Relation, number>> = {
  parent: 4,
  child: 3,
  spouse: 1,
  relative: 5,
};

export type FamilyPhase = "unknown" | "unreachable" | "known";

/** What was just done, told once on the list. */
export type Done = { did: "added" | "withdrawn"; name: string };

export class Family {
  phase = $state<FamilyPhase>("unknown");
  members = $state.raw<readonly FamilyMember[]>([]);
  /** Why the last load failed; null after a success. */
  trouble = $state.raw<Refusal | null>(null);
  done = $state.raw<Done | null>(null);

  constructor(
    private readonly authority: Authority,
    /** The session ended meanwhile. */
    private readonly ended: () => void,
  ) {}

  /** Asks for the list. Never throws: what is known stays, and `trouble` says why. */
  async load(): Promise<void> {
    try {
      this.members = await this.authority.family();
      this.phase = "known";
      this.trouble = null;
    } catch (cause) {
      const refusal = cause instanceof Refusal ? cause : new Refusal("bad-answer");
      this.trouble = refusal;
      if (this.phase === "unknown") this.phase = "unreachable";
      if (refusal.code === "unauthorised") this.ended();
    }
  }

  async claim(claim: FamilyClaim): Promise<void> {
    const member = await this.authority.claimForFamily(claim);
    this.done = { did: "added", name: member.name_masked };
    await this.load();
  }

  async withdraw(member: FamilyMember): Promise<void> {
    await this.authority.withdraw(member.id);
    this.members = this.members.filter(({ id }) => id !== member.id);
    this.done = { did: "withdrawn", name: member.name_masked };
    await this.load();
  }

  find(id: string | null): FamilyMember | null {
    return this.members.find((member) => member.id === id) ?? null;
  }

  /** How many more of a relation may have a code. */
  left(relation: Relation): number {
    const claimed = this.members.filter((member) => member.relation === relation).length;
    return Math.max(0, MOST[relation] - claimed);
  }

  forget(): void {
    this.phase = "unknown";
    this.members = [];
    this.trouble = null;
    this.done = null;
  }
}
