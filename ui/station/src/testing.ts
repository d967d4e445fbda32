/** The window in tests of the page: mounted on an engine of made-up people, and looked at by test id. */
import { afterEach, beforeEach, vi } from "vitest";
import { type Component, flushSync, mount, unmount } from "svelte";
import { language } from "@yanma/shared";
import App from "./App.svelte";
import { DemoPlatform } from "./platform/demo/demo";
import { Desk } from "./state/desk.svelte";

let app: Record<string, unknown>;
export let desk: Desk;

export async function settle(): Promise<void> {
  for (let i = 0; i < 16; i++) await Promise.resolve();
  flushSync();
}

/** Mounts a screen by itself. */
export function put<Props extends Record<string, unknown>>(screen: Component<Props>, props: Props): void {
  app = mount(screen, { target: document.body, props });
}

/** Opens the window on an engine that was told what to be like. */
export async function open(wish = "camera=off"): Promise<void> {
  desk = new Desk(new DemoPlatform(new URLSearchParams(wish)));
  put(App, { desk });
  flushSync();
  await settle();
}

export const find = <E extends HTMLElement = HTMLElement>(id: string) =>
  document.querySelector<E>(`[data-testid="${id}"]`);
export const text = (id: string) => find(id)?.textContent?.replace(/\s+/g, " ").trim() ?? "";

export function fill(id: string, value: string): void {
  const field = find<HTMLInputElement>(id);
  if (!field) throw new Error(`no ${id}`);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

export async function press(key: string, at = 0): Promise<KeyboardEvent> {
  const code = /^\d$/.test(key) ? `Digit${key}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  if (at > 0) Object.defineProperty(event, "timeStamp", { value: at });
  (document.activeElement ?? document.body).dispatchEvent(event);
  document.body.dispatchEvent(new KeyboardEvent("keyup", { key, code, bubbles: true }));
  await settle();
  return event;
}

/** Each test begins with an empty page and leaves one. */
export function eachInAWindow(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
  });

  afterEach(async () => {
    await unmount(app);
    document.body.innerHTML = "";
    language.set("zh-CN");
    vi.useRealTimers();
  });
}
