/** A claim while it is being filled in, one question at a time; in memory only. */
import { EIGHTEEN, isPhone, tidyName, tidyNumber, tidyPhone } from "./entry";
import { emptyProblem, fieldProblem, type Problem } from "./problem";
import type { DocumentType, FamilyClaim, Origin, Relation } from "./wire";

/** The questions about where a person comes from, each a screen of its own. */
export type OriginStep = "from" | "departure" | "household" | "abroad";

/** The questions of a claim for a family member. */
export type FamilyStep = "relation" | "document" | OriginStep;

export class Draft {
  relation = $state<Relation | null>(null);
  documentType = $state<DocumentType>("resident-id");
  number = $state("");
  name = $state("");
  year = $state("");
  month = $state("");
  day = $state("");
  /** Where the journey began: a code of `areas.ts`, or "". */
  departure = $state("");
  /** Where the household is registered, the same. */
  household = $state("");
  contact = $state("");
  /** The text of the code from home, or "". */
  homeCode = $state("");

  clear(): void {
    this.relation = null;
    this.documentType = "resident-id";
    this.number = "";
    this.name = "";
    this.year = "";
    this.month = "";
    this.day = "";
    this.departure = "";
    this.household = "";
    this.contact = "";
    this.homeCode = "";
  }

  /** Parents and children have an age limit, and not every number tells the age. */
  get asksBirth(): boolean {
    const aged = this.relation === "parent" || this.relation === "child";
    if (!aged || EIGHTEEN.includes(this.documentType)) return false;
    // The permanent residence card of 2023 has eighteen characters as well, that of 2017 fifteen.
    return this.documentType !== "permanent-residence" || tidyNumber(this.number).length !== 18;
  }

  /** `YYYY-MM-DD`, or null when the three numbers are no day of the calendar. */
  get born(): string | null {
    const [year, month, day] = [this.year, this.month, this.day].map((typed) =>
      typed.normalize("NFKC").trim(),
    );
    if (!/^\d{4}$/.test(year ?? "")) return null;
    const text = `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
    const date = new Date(`${text}T00:00:00Z`);
    const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
    return real ? text : null;
  }

  /** The claim for a family member; null while no relation is chosen. */
  familyClaim(from: Origin): FamilyClaim | null {
    if (!this.relation) return null;
    const born = this.asksBirth ? this.born : null;
    return {
      relation: this.relation,
      document_type: this.documentType,
      number: tidyNumber(this.number),
      name: tidyName(this.name),
      ...(born && { born }),
      from,
    };
  }

  /** The first wrong field of the page about the document, before anything is sent. */
  documentProblem(): Problem | null {
    if (tidyNumber(this.number) === "") return emptyProblem("number");
    if (tidyName(this.name) === "") return emptyProblem("name");
    return this.asksBirth && this.born === null ? fieldProblem("born") : null;
  }

  get otherProvince(): Origin {
    const { departure, household } = this;
    const code = this.homeCode.trim();
    return { group: "other-province", departure, household, ...(code && { home_code: code }) };
  }

  get abroad(): Origin {
    const contact = tidyPhone(this.contact);
    return contact === "" ? { group: "abroad" } : { group: "abroad", contact };
  }

  /** What is wrong with the answer of a step, before anything is sent; null if nothing is. */
  problemAt(step: OriginStep): Problem | null {
    if (step === "departure" && this.departure === "") return emptyProblem("from.departure");
    if (step === "household" && this.household === "") return emptyProblem("from.household");
    const contact = tidyPhone(this.contact);
    const wrong = step === "abroad" && contact !== "" && !isPhone(contact);
    return wrong ? fieldProblem("from.contact") : null;
  }
}
