/** Every text of this page: its own catalogue and the shared one, under one typed key. */
import { Shelf, sharedTexts, translator, type SharedKey, type Texts } from "@yanma/shared";
import en from "./messages/en.json";
import zh from "./messages/zh-CN.json";

export type Key = SharedKey | (keyof typeof zh & keyof typeof en);

export const t = translator<Key>(new Shelf<Texts>({ "zh-CN": zh, en }), sharedTexts);
