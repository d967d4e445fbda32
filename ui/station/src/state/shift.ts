import { language, timeOfDay } from "@yanma/shared";
import type { Decision, Figures, HourCount } from "../platform/views";

/** The three outcomes, from good to bad. */
export const DECISIONS = ["admit", "refer", "refuse"] as const satisfies readonly Decision[];

type ByDecision = Record<Decision, number>;

/** One hour of a day. */
export interface Hour extends ByDecision {
  /** Seconds since 1970 at which it begins. */
  readonly at: number;
  /** The hour on the clock, such as 08:00. */
  readonly label: string;
  readonly people: number;
  /** From the first reading to what was done, the median in seconds; null where nothing was done. */
  readonly median: number | null;
}

/** A day in figures. */
export interface Totals extends ByDecision {
  readonly people: number;
  /** The share of what was shown that nobody could read; null where nothing was shown. */
  readonly unread: number | null;
  readonly operators: { operator: string | null; people: number }[];
}

const HOUR = 3600;

/** A median as the screen has it: whole seconds, tenths below ten. */
export function seconds(median: number): string {
  const digits = median < 10 ? 1 : 0;
  return median.toLocaleString(language.current, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The civil day of an instant in milliseconds, by this machine's clock: YYYY-MM-DD. */
export function dayOf(now: number): string {
  const date = new Date(now);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Every hour from the first to the last with somebody in it, the empty ones between them too. */
export function hoursOf({ hours: counts, pace }: Figures): Hour[] {
  const starts = [...counts, ...pace].map((one) => one.from);
  if (starts.length === 0) return [];
  const [first, last] = [Math.min(...starts), Math.max(...starts)];
  const hours: Hour[] = [];
  for (let at = first; at <= last; at += HOUR) {
    const here = counts.filter((count) => count.from === at);
    const of = (decision: Decision) => sum(here.filter((count) => count.decision === decision));
    const label = timeOfDay(new Date(at * 1000).toISOString()).slice(0, 5);
    const median = pace.find((one) => one.from === at)?.seconds ?? null;
    hours.push({ at, label, median, people: sum(here), admit: of("admit"), refer: of("refer"), refuse: of("refuse") });
  }
  return hours;
}

/** The whole of these hours. */
export function totals(counts: readonly HourCount[]): Totals {
  const people = sum(counts);
  const unread = counts.reduce((all, count) => all + count.unread, 0);
  const of = (decision: Decision) => sum(counts.filter((count) => count.decision === decision));
  const names = [...new Set(counts.map((count) => count.operator))];
  const operators = names.map((operator) => ({
    operator,
    people: sum(counts.filter((count) => count.operator === operator)),
  }));
  // Whoever only had what nobody could read before them is not in the table.
  const withPeople = operators.filter((row) => row.people > 0);
  withPeople.sort((a, b) => b.people - a.people);
  return {
    people,
    admit: of("admit"),
    refer: of("refer"),
    refuse: of("refuse"),
    unread: people + unread === 0 ? null : unread / (people + unread),
    operators: withPeople,
  };
}

function sum(counts: readonly HourCount[]): number {
  return counts.reduce((all, count) => all + count.count, 0);
}
