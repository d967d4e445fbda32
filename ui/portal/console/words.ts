/** Every text of the console: its own catalogue and the shared one, under one typed key. */
import { sharedCatalogues, translator, type SharedKey } from "@yanma/shared";
import en from "./messages/en.json";
import zh from "./messages/zh-CN.json";

export type Key = SharedKey | (keyof typeof zh & keyof typeof en);

export const t = translator<Key>({
  "zh-CN": { ...sharedCatalogues["zh-CN"], ...zh },
  en: { ...sharedCatalogues.en, ...en },
});
