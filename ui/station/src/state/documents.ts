import { type MessageKey, t } from "../messages";

/** Types of document in the order of the chooser: the commonest first. */
export const DOCUMENT_TYPES = [
  "resident-id",
  "hk-macau-residence",
  "taiwan-residence",
  "permanent-residence",
  "home-return",
  "mainland-taiwan",
  "passport-foreign",
  "passport-cn",
  "exit-hk-macau",
  "exit-taiwan",
] as const;

const KNOWN = new Set<string>(DOCUMENT_TYPES);

/** A document's name; a type that this window does not know is shown by its own id. */
export function documentName(type: string): string {
  return KNOWN.has(type) ? t(`document.${type}` as MessageKey) : type;
}
