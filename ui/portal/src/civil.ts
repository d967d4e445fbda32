/** Dates and times as a gate in Fujian reads them, whatever zone the phone is set to. */
import type { Language } from "@yanma/shared";

const ZONE = "Asia/Shanghai";

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

type Options = Intl.DateTimeFormatOptions;
const WEEKDAY: Record<"zh-CN" | "en", Options> = {
  "zh-CN": { month: "long", day: "numeric", weekday: "short" },
  en: { weekday: "short", day: "numeric", month: "short" },
};
const DATE: Options = { day: "numeric", month: "long" };
const DAY_OF_A_YEAR: Options = { dateStyle: "long" };

/** Days come before months in English here too. */
function format(language: Language, options: Options): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language === "zh-CN" ? "zh-CN" : "en-GB", { timeZone: ZONE, ...options });
}

/** "14:07:52" */
export function clockTime(at: Date): string {
  return CLOCK.format(at);
}

/** "11月23日周一", "Mon, 23 Nov" */
export function dayWithWeekday(at: Date, language: Language): string {
  return format(language, WEEKDAY[language === "zh-CN" ? "zh-CN" : "en"]).format(at);
}

/** "11月23日", "23 November"; null for a text that is no time. */
export function civilDate(at: string | null, language: Language): string | null {
  return formatted(at, format(language, DATE));
}

/** "2026年11月23日", "23 November 2026", for what lasts into another year; null as above. */
export function civilDay(at: string | null, language: Language): string | null {
  return formatted(at, format(language, DAY_OF_A_YEAR));
}

const MOMENT: Options = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const YEAR = new Intl.DateTimeFormat("en", { timeZone: ZONE, year: "numeric" });

/**
 * "2026年11月23日 14:07", "23 November 2026 at 14:07"; without the year when it is that of `after`,
 * which stands before it. Null as above.
 */
export function civilMoment(at: string | null, language: Language, after: string | null = null): string | null {
  const year: Options = after !== null && formatted(after, YEAR) === formatted(at, YEAR) ? {} : { year: "numeric" };
  return formatted(at, format(language, { ...MOMENT, ...year }));
}

function formatted(at: string | null, by: Intl.DateTimeFormat): string | null {
  if (at === null) return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : by.format(date);
}
