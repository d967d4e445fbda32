/** The screens in the order of the bar, each with its key. */
export const SCREEN_KEYS = {
  check: "F1",
  guests: "F11",
  log: "F2",
  shift: "F5",
  devices: "F3",
  settings: "F4",
} as const;
export type Screen = keyof typeof SCREEN_KEYS;
export const SCREENS = Object.keys(SCREEN_KEYS) as Screen[];

/** What a key asks for. */
export type Wish =
  | { go: Screen }
  | { do: "typeNumber" | "lookBack" | "otherLanguage" | "syncNow" | "search" | "escape" };

const KEYS: Record<string, Wish> = {
  F1: { go: "check" },
  F2: { go: "log" },
  F3: { go: "devices" },
  F4: { go: "settings" },
  F5: { go: "shift" },
  F6: { do: "typeNumber" },
  F7: { do: "lookBack" },
  F8: { do: "otherLanguage" },
  F9: { do: "syncNow" },
  F11: { go: "guests" },
  Escape: { do: "escape" },
};

/** What a key press asks for, or `null` when it belongs to the page. */
export function wishOf(event: KeyboardEvent): Wish | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return null;
  if (event.key === "/") {
    const target = event.target as Element | null;
    return target?.closest("input, select, textarea") ? null : { do: "search" };
  }
  return event.shiftKey ? null : (KEYS[event.key] ?? null);
}
