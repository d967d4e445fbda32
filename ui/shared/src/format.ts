import { language, type Language } from "./language.svelte";
import { words } from "./messages";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The age of data in words: "7 分钟前的数据", "data 7 min old". Rounds down, so that the words never
 * change before a limit is reached; `null` means there is no data at all.
 */
export function dataAge(seconds: number | null, named: Language = language.current): string {
  if (seconds === null) return words("age.none", {}, named);
  if (seconds < MINUTE) return words("age.now", {}, named);
  if (seconds < HOUR) return words("age.minutes", { n: Math.floor(seconds / MINUTE) }, named);
  if (seconds < 2 * DAY) return words("age.hours", { n: Math.floor(seconds / HOUR) }, named);
  return words("age.days", { n: Math.floor(seconds / DAY) }, named);
}

/** How long ago something was shown on a list: "3 分钟前", "3 min ago". */
export function ago(seconds: number, named: Language = language.current): string {
  if (seconds < MINUTE) return words("ago.now", {}, named);
  if (seconds < HOUR) return words("ago.minutes", { n: Math.floor(seconds / MINUTE) }, named);
  if (seconds < DAY) return words("ago.hours", { n: Math.floor(seconds / HOUR) }, named);
  return words("ago.days", { n: Math.floor(seconds / DAY) }, named);
}

/** The time of day of an RFC 3339 instant, in the machine's zone: "14:07:52". */
export function timeOfDay(at: string): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

/** Day and time of an RFC 3339 instant, in the machine's zone: "2026-11-23 14:07:52". */
export function dayAndTime(at: string): string {
  const date = new Date(at);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join("-");
  return `${day} ${timeOfDay(at)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
