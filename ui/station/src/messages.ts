import { sharedCatalogues, translator } from "@yanma/shared";
import en from "../messages/en.json";
import zh from "../messages/zh-CN.json";

const catalogues = {
  "zh-CN": { ...sharedCatalogues["zh-CN"], ...zh },
  en: { ...sharedCatalogues.en, ...en },
} as const;

/** Every key of the desk's screens: its own and the shared ones. */
export type MessageKey = keyof (typeof catalogues)["zh-CN"] & keyof (typeof catalogues)["en"];

/** A text of the desk's screens, in the language in force. */
export const t = translator<MessageKey>(catalogues);
