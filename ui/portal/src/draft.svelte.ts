/** A claim while it is being filled in, one question at a time; in memory only. */
import { emptyProblem, fieldProblem, type Problem } from "./problem";
import { isPhone, tidyPhone } from "./entry";
import type { Origin } from "./wire";

/** The questions about where a person comes from, each a screen of its own. */
export type OriginStep = "from" | "departure" | "household" | "abroad";

export class Draft {
  /** Where the journey began: a code of `areas.ts`, or "". */
  departure = $state("");
  /** Where the household is registered, the same. */
  household = $state("");
  contact = $state("");

  clear(): void {
    this.departure = "";
    this.household = "";
    this.contact = "";
  }

  get otherProvince(): Origin {
    return { group: "other-province", departure: this.departure, household: this.household };
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
