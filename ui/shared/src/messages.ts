import en from "../messages/en.json";
import zh from "../messages/zh-CN.json";
import { Shelf } from "./language.svelte";
import { type Texts, translator } from "./translate";

/** The keys of the words that station and portal share. */
export type SharedKey = keyof typeof zh & keyof typeof en;

/** The shared texts, for a page that adds its own keys. */
export const sharedTexts = new Shelf<Texts>({ "zh-CN": zh, en });

/** The shared words: decisions, colours, documents, ages. */
export const words = translator<SharedKey>(sharedTexts);
