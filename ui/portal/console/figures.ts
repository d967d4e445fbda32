/** Numbers and instants as the console writes them. Times are Beijing time, whatever the computer's. */
const ZONE = "Asia/Shanghai";

/** "20,710,000" in both languages, because figures are compared digit by digit. */
export function whole(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 }).format(value);
}

const INSTANT = new Intl.DateTimeFormat("sv-SE", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});

/** "2020-07-10 14:05", or a dash. */
export function instant(at: string | null): string {
  if (at === null) return "–";
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "–" : INSTANT.format(date);
}

/** The same instant as a `datetime-local` field has it, in Beijing time. */
export function fieldOf(at: Date): string {
  return INSTANT.format(at).replace(" ", "T");
}

/** What such a field says, as an RFC 3339 instant; null for none. */
export function fieldToInstant(text: string): string | null {
  const at = new Date(`${text}:00+08:00`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** "2,071 万", "1.24 亿" as the briefing writes them; nothing where the figure itself is as short. */
export function inWan(value: number, language: string): string | null {
  const digits = (n: number, most: number) => new Intl.NumberFormat("en-US", { maximumFractionDigits: most }).format(n);
  if (language !== "zh-CN") return value >= 1e6 ? `${digits(value / 1e6, 2)} M` : null;
  if (value >= 1e8) return `${digits(value / 1e8, 2)} 亿`;
  return value >= 1e6 ? `${digits(value / 1e4, 0)} 万` : null;
}

/** "48.75 %" of a ratio for 10,000. */
export function percent(of10000: number): string {
  return `${(of10000 / 100).toFixed(2)} %`;
}

/** "12K", "1.2万": room on an axis is small. */
export function shortNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** The top of an axis for a highest value: 1, 2 or 5 with zeros, and even, so that its half is whole. */
export function scaleOf(most: number): number {
  if (most <= 2) return 2;
  const ten = 10 ** Math.floor(Math.log10(most));
  return [2, 4, 6, 8, 10].map((times) => times * ten).find((top) => top >= most) ?? 10 * ten;
}

/** "0.83 %"; "<0.01 %" for what is there and would round to nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  return part > 0 && percent < 0.01 ? "<0.01 %" : `${percent.toFixed(2)} %`;
}

/** A day of the authority, "2020-07-10": short "7/10", long "2020年7月10日 周五". */
export function dayWords(day: string, language: string): { short: string; long: string } {
  const at = new Date(`${day}T00:00:00Z`);
  const write = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language === "zh-CN" ? "zh-CN" : "en-GB", { timeZone: "UTC", ...options }).format(at);
  return {
    short: language === "zh-CN" ? `${at.getUTCMonth() + 1}/${at.getUTCDate()}` : write({ day: "numeric", month: "short" }),
    long: write({ year: "numeric", month: "short", day: "numeric", weekday: "short" }),
  };
}
