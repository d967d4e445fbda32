import { timeOfDay } from "@yanma/shared";
import type { Decision, HourCount } from "../platform/views";

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
}

/** A day in figures. */
export interface Totals extends ByDecision {
  readonly people: number;
  readonly unread: number;
  readonly operators: { operator: string | null; people: number }[];
}

const HOUR = 3600;

/** The civil day of an instant in milliseconds, by this machine's clock: YYYY-MM-DD. */
export function dayOf(now: number): string {
  const date = new Date(now);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Every hour from the first to the last with somebody in it, the empty ones between them too. */
export function hoursOf(counts: readonly HourCount[]): Hour[] {
  if (counts.length === 0) return [];
  const starts = counts.map((count) => count.from);
  const [first, last] = [Math.min(...starts), Math.max(...starts)];
  const hours: Hour[] = [];
  for (let at = first; at <= last; at += HOUR) {
    const here = counts.filter((count) => count.from === at);
    const of = (decision: Decision) => sum(here.filter((count) => count.decision === decision));
    const label = timeOfDay(new Date(at * 1000).toISOString()).slice(0, 5);
    hours.push({ at, label, people: sum(here), admit: of("admit"), refer: of("refer"), refuse: of("refuse") });
  }
  return hours;
}

/** The whole of these hours. */
export function totals(counts: readonly HourCount[]): Totals {
  const of = (decision: Decision) => sum(counts.filter((count) => count.decision === decision));
  const names = [...new Set(counts.map((count) => count.operator))];
  const operators = names.map((operator) => ({
    operator,
    people: sum(counts.filter((count) => count.operator === operator)),
  }));
  operators.sort((a, b) => b.people - a.people);
  return {
    people: sum(counts),
    admit: of("admit"),
    refer: of("refer"),
    refuse: of("refuse"),
    unread: counts.reduce((all, count) => all + count.unread, 0),
    operators,
  };
}

function sum(counts: readonly HourCount[]): number {
  return counts.reduce((all, count) => all + count.count, 0);
}
