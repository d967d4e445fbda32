import en from "../messages/en.json";
import zh from "../messages/zh-CN.json";
import { translator } from "./translate";

/** The keys of the words that station and portal share. */
export type SharedKey = keyof typeof zh & keyof typeof en;

/** The shared catalogues, for a page that adds its own keys. */
export const sharedCatalogues = { "zh-CN": zh, en } as const;

/** The shared words: decisions, colours, documents, ages. */
export const words = translator<SharedKey>(sharedCatalogues);
