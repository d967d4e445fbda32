/** What people type, made ready to send; and the mistakes that need no authority to see. */
import { emptyProblem, fieldProblem, type Problem } from "./problem";
import type { Credentials, DocumentType, Registration } from "./wire";

const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 128;
const LONGEST_NAME = 60;

/** Eighteen characters, the last a digit or X, the date of birth inside. */
export const EIGHTEEN: readonly DocumentType[] = [
  "resident-id",
  "hk-macau-residence",
  "taiwan-residence",
];

/** Full-width digits become plain ones; spaces and dashes that people put between groups go. */
export function tidyPhone(typed: string): string {
  return typed.normalize("NFKC").replace(/[\s()-]/g, "");
}

export function tidyNumber(typed: string): string {
  return typed.normalize("NFKC").replace(/\s/g, "").toUpperCase();
}

export function tidyName(typed: string): string {
  return typed.trim().replace(/\s+/g, " ");
}

/** The first wrong field from the top, or null. The number's check digit is the authority's matter. */
export function registrationProblem(entry: Registration): Problem | null {
  for (const field of ["document_type", "number", "name", "phone", "password"] as const) {
    if (entry[field] === "") return emptyProblem(field);
  }
  if ([...entry.name].length > LONGEST_NAME) return fieldProblem("name");
  if (!isPhone(entry.phone)) return fieldProblem("phone");
  const passwordLength = [...entry.password].length;
  if (passwordLength < SHORTEST_PASSWORD || passwordLength > LONGEST_PASSWORD) {
    return fieldProblem("password");
  }
  return null;
}

export function credentialsProblem(entry: Credentials): Problem | null {
  if (entry.phone === "") return emptyProblem("phone");
  if (!isPhone(entry.phone)) return fieldProblem("phone");
  if (entry.password === "") return emptyProblem("password");
  return null;
}

/** A Chinese mobile number, or `+` and 6 to 15 digits. */
export function isPhone(phone: string): boolean {
  return /^(1\d{10}|\+\d{6,15})$/.test(phone);
}
