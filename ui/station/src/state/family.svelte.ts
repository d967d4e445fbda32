import type { FamilyMember, VerdictView } from "../platform/views";

/** One of the people of a family's code. */
export interface Row {
  member: FamilyMember;
  /** Said to be here by whoever is at the desk. */
  here: boolean;
  /** What the desk says of them; nothing before they were checked. */
  verdict: VerdictView | null;
  /** It was written down what was done with them. */
  done: boolean;
}

/** A family's code before the desk: who of it is here, and what came of each. */
export class Family {
  rows = $state<Row[]>([]);
  /** Somebody is being checked. */
  busy = $state(false);

  constructor(members: readonly FamilyMember[]) {
    this.rows = members.map((member) => ({ member, here: false, verdict: null, done: false }));
  }

  /** Whether a code is of these people. */
  isOf(members: readonly FamilyMember[]): boolean {
    return this.rows.length === members.length && this.rows.every((row, at) => row.member.id === members[at]?.id);
  }

  /** Who was said to be here before their codes were renewed is here still. */
  keepTicks(before: Family): void {
    this.rows.forEach((row, at) => {
      row.here = before.rows[at]?.here ?? false;
    });
  }

  /** A phone makes new codes for all of them every minute: whoever was not checked yet has theirs. */
  renew(members: readonly FamilyMember[]): void {
    this.rows.forEach((row, at) => {
      if (row.verdict === null) row.member = members[at] ?? row.member;
    });
  }

  /** Who is here and not checked yet, in the code's order. */
  get waiting(): Row[] {
    return this.rows.filter((row) => row.here && row.verdict === null);
  }

  /** Whether anybody was checked. */
  get begun(): boolean {
    return this.rows.some((row) => row.verdict !== null);
  }

  /** The one of these people whom a verdict is about, if it is one of them. */
  rowOf({ entry, amends }: VerdictView): Row | undefined {
    return this.rows.find((row) => row.verdict?.entry === entry || (amends !== null && row.verdict?.entry === amends));
  }
}
