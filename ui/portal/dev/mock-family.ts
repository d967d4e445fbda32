/** The family, papers and appeals of the mock's citizen: small rules, so that each can be seen. */

export interface Refused {
  status: number;
  code: string;
  field?: string;
}

interface Member {
  id: string;
  relation: string;
  name_masked: string;
  document_masked: string;
  document_type: string;
  colour: "green" | "orange" | "red";
}

const START: readonly Member[] = [
  {
    id: "00a1b2c3",
    relation: "parent",
    name_masked: "陈*英",
    document_masked: "3501**********0021",
    document_type: "resident-id",
    colour: "orange",
  },
  {
    id: "00a1b2c4",
    relation: "child",
    name_masked: "林*",
    document_masked: "3501**********0038",
    document_type: "resident-id",
    colour: "green",
  },
];

const MOST: Record<string, [number, string]> = {
  parent: [4, "parents-full"],
  child: [3, "children-full"],
  spouse: [1, "spouse-full"],
  relative: [5, "relatives-full"],
};

/** What a claim for the family sends. */
export interface SentClaim {
  relation?: string;
  document_type?: string;
  number?: string;
  name?: string;
  born?: string;
}

export class MockFamily {
  #members: Member[] = START.map((member) => ({ ...member }));
  #next = 0x00a1b2d0;

  list(): readonly Member[] {
    return this.#members;
  }

  find(id: unknown): Member | undefined {
    return this.#members.find((member) => member.id === id);
  }

  withdraw(id: unknown): boolean {
    const before = this.#members.length;
    this.#members = this.#members.filter((member) => member.id !== id);
    return this.#members.length < before;
  }

  /** `fill` on the list, or back to the two it begins with. */
  set(members: "start" | "none" | "full"): void {
    this.#members = members === "none" ? [] : START.map((member) => ({ ...member }));
    if (members === "full") {
      for (const [relation, [most]] of Object.entries(MOST)) {
        while (this.#members.filter((each) => each.relation === relation).length < most) {
          this.#add(relation, "resident-id", "样本");
        }
      }
    }
  }

  claim(sent: SentClaim): Member | Refused {
    const relation = sent.relation ?? "";
    const number = sent.number ?? "";
    const [most, full] = MOST[relation] ?? [0, "bad-request"];
    if (this.#members.filter((each) => each.relation === relation).length >= most) {
      return { status: 409, code: full };
    }
    if (sent.document_type === "resident-id" && !/^\d{17}[\dX]$/i.test(number)) {
      return { status: 400, code: "bad-field", field: "number" };
    }
    if (sent.name === "无名") return { status: 422, code: "not-registered" };
    if (sent.name === "别人") return { status: 409, code: "already-claimed" };
    const year = Number(sent.born?.slice(0, 4) ?? number.slice(6, 10));
    const age = new Date().getFullYear() - year;
    if (relation === "parent" && age < 55) return { status: 422, code: "parent-too-young" };
    if (relation === "child" && age >= 18) return { status: 422, code: "child-too-old" };
    return this.#add(relation, sent.document_type ?? "resident-id", sent.name ?? "样本");
  }

  #add(relation: string, documentType: string, name: string): Member {
    this.#next += 1;
    const member: Member = {
      id: this.#next.toString(16).padStart(8, "0"),
      relation,
      name_masked: `${name.slice(0, 1)}*${name.length > 2 ? name.slice(-1) : ""}`,
      document_masked: "3501**********0045",
      document_type: documentType,
      colour: "green",
    };
    this.#members.push(member);
    return member;
  }
}
