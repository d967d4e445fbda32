import "@yanma/shared/every-language";
import { Shelf, type SharedKey, type Texts, sharedTexts, translator } from "@yanma/shared";
import en from "../messages/en.json";
import zh from "../messages/zh-CN.json";

/** Every key of the desk's screens: its own and the shared ones. */
export type MessageKey = SharedKey | (keyof typeof zh & keyof typeof en);

const own = new Shelf<Texts>({ "zh-CN": zh, en });
own.add(import.meta.glob<Texts>(["../messages/*.json", "!../messages/{zh-CN,en,where}.json"], { import: "default" }));

/** A text of the desk's screens, in the language in force. */
export const t = translator<MessageKey>(own, sharedTexts);
