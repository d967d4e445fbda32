import type { EntryRow, LogFilter } from "../views";
import { SKETCHES, verdictOf } from "./people";

/** The number that the next entry would have. */
const NEXT = 1286;

/** What is found in a log of a shift, newest first. */
export function found(filter: LogFilter, site: string | null, operator: string | null): EntryRow[] {
  const top = (filter.before ?? NEXT) - 1;
  const names = Object.keys(SKETCHES);
  const rows: EntryRow[] = [];
  for (let number = top; number > 0 && rows.length < filter.limit; number--) {
    const verdict = verdictOf(names[(number * 7) % names.length] ?? "admit", (NEXT - 1 - number) * 53);
    const row: EntryRow = {
      id: `log-${number}`,
      number,
      at: verdict.at,
      decision: verdict.decision,
      reasons: verdict.reasons.map((r) => r.code),
      colour: verdict.colour,
      name: verdict.subject.name,
      document: verdict.subject.document,
      documentType: verdict.subject.documentType,
      methods: verdict.methods,
      site,
      operator,
      upload: number > 1282 ? "pending" : number % 97 === 0 ? "rejected" : "sent",
      amends: verdict.overturned ? `log-${number - 1}` : null,
    };
    const hay = [row.name, row.document, ...row.reasons].join(" ").toLowerCase();
    const fits = (!filter.decision || filter.decision === row.decision) && hay.includes((filter.text ?? "").toLowerCase());
    const day = row.at.slice(0, 10);
    const inside = (!filter.from || day >= filter.from) && (!filter.to || day <= filter.to);
    if (fits && inside) rows.push(row);
  }
  return rows;
}
