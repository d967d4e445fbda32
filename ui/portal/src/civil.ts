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

const DAYS: Record<Language, Intl.DateTimeFormat> = {
  "zh-CN": new Intl.DateTimeFormat("zh-CN", {
    timeZone: ZONE,
    month: "long",
    day: "numeric",
    weekday: "short",
  }),
  en: new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    weekday: "short",
    day: "numeric",
    month: "short",
  }),
};

const DATES: Record<Language, Intl.DateTimeFormat> = {
  "zh-CN": new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" }),
  en: new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, day: "numeric", month: "long" }),
};

const DAYS_OF_YEARS: Record<Language, Intl.DateTimeFormat> = {
  "zh-CN": new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, dateStyle: "long" }),
  en: new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, dateStyle: "long" }),
};

/** "14:07:52" */
export function clockTime(at: Date): string {
  return CLOCK.format(at);
}

/** "11月23日周一", "Mon, 23 Nov" */
export function dayWithWeekday(at: Date, language: Language): string {
  return DAYS[language].format(at);
}

/** "11月23日", "23 November"; null for a text that is no time. */
export function civilDate(at: string | null, language: Language): string | null {
  return formatted(at, DATES[language]);
}

/** "2026年11月23日", "23 November 2026", for what lasts into another year; null as above. */
export function civilDay(at: string | null, language: Language): string | null {
  return formatted(at, DAYS_OF_YEARS[language]);
}

function formatted(at: string | null, format: Intl.DateTimeFormat): string | null {
  if (at === null) return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : format.format(date);
}
