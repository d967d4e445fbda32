import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { flushSync, mount, unmount } from "svelte";
import { LANGUAGES, fetchLanguage, language } from "@yanma/shared";
import shared from "../../shared/messages/en.json";
import book from "../../../assets/words/zh-Hant.json";
import reasons from "../../../assets/words/reasons.json";
import own from "../messages/en.json";
import App from "./App.svelte";
import { t } from "./messages";
import { DemoPlatform } from "./platform/demo/demo";
import { verdictOf } from "./platform/demo/people";
import { Desk } from "./state/desk.svelte";
import { SCREENS } from "./state/shortcuts";

/** Sentences that only an English screen may show: with three words nothing is the same by chance. */
const words = (text: string) => text.match(/\p{L}{2,}/gu) ?? [];
const ENGLISH = new Set(
  [
    ...Object.values(own),
    ...Object.values(shared),
    ...Object.values(reasons).flatMap((both) => Object.values(both.en)),
    ...Object.keys(book.phrases),
  ]
    .map((text) => text.trim())
    .filter((text) => !text.includes("{") && words(text).length >= 3),
);
const KEYS = new Set([...Object.keys(own), ...Object.keys(shared)]);

let app: Record<string, unknown> | undefined;

async function settle(): Promise<void> {
  for (let i = 0; i < 16; i++) await Promise.resolve();
  flushSync();
}

async function open(wish: string): Promise<Desk> {
  const desk = new Desk(new DemoPlatform(new URLSearchParams(wish)));
  app = mount(App, { target: document.body, props: { desk } });
  flushSync();
  await settle();
  return desk;
}

/** Every piece of text on the page, seen or told to a screen reader. */
function pieces(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll("body *")) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
    for (const node of element.childNodes) if (node.nodeType === 3) found.push(node.textContent ?? "");
  }
  return found.map((text) => text.replace(/\s+/g, " ").trim()).filter(Boolean);
}

beforeAll(() => Promise.all(LANGUAGES.map(fetchLanguage)));

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});

afterEach(async () => {
  if (app) await unmount(app);
  document.body.innerHTML = "";
  language.set("zh-CN");
  vi.useRealTimers();
});

const SITUATIONS = [
  "camera=off&scene=hotel&staffed&net=offline&tier=old&notice=DISK-FULL&card-trouble&sync=fetchcard-trouble&sync=fetch&updates=newer",
  "camera=lost&document=lost&scene=hospital&empty&quarantined&clock&tier=tooOld&notice=FEED-REFUSED&refused=wrong&sync=build&updates=silent",
];

describe.each(LANGUAGES.filter((named) => named !== "en"))("in %s", (named) => {
  function check(where: string): void {
    const shown = pieces();
    expect(shown.length, where).toBeGreaterThan(3);
    expect(shown.filter((text) => KEYS.has(text) && text.includes(".")), `${where}: keys`).toEqual([]);
    expect(shown.filter((text) => ENGLISH.has(text)), `${where}: English`).toEqual([]);
    expect(shown.filter((text) => /\{\w+/.test(text)), `${where}: placeholders`).toEqual([]);
  }

  it.each(SITUATIONS)("every screen speaks it: %s", async (situation) => {
    // Chinese beside it, or nothing: English would be right in the second place of a Chinese screen.
    await language.chooseSecond(named === "zh-CN" ? "zh-Hant" : "zh-CN");
    const desk = await open(`${situation}&lang=${named}`);
    expect(document.documentElement.lang).toBe(named);
    for (const screen of SCREENS) {
      document.querySelector<HTMLElement>(`[data-testid="nav-${screen}"]`)?.click();
      await settle();
      check(screen);
    }
    document.querySelector<HTMLElement>('[data-testid="nav-check"]')?.click();
    for (const sketch of ["admit", "orange", "expired", "mismatch", "booked", "walkin", "corrected"]) {
      desk.hear(verdictOf(sketch));
      await settle();
      check(`check, ${sketch}`);
    }
    await language.chooseSecond(null);
  });

  it.each(["signin", "enrolled=0", "closed=keyMissing"])("before work begins: %s", async (situation) => {
    await language.chooseSecond(named === "zh-CN" ? "zh-Hant" : "zh-CN");
    if (situation.startsWith("closed")) language.set(named);
    await open(`${situation}&lang=${named}`);
    check(situation);
    await language.chooseSecond(null);
  });
});

it.each(LANGUAGES)("in %s the turnstile's help names the verdict as the screen does", (named) => {
  const lower = (key: "devices.turnstileHelp" | "decision.admit") => t(key, {}, named).toLocaleLowerCase(named);
  expect(lower("devices.turnstileHelp")).toContain(lower("decision.admit"));
});
