/** Which words belong to a refusal, and where on a form they stand. */
import { Refusal } from "./api";
import type { FamilyStep, OriginStep } from "./draft.svelte";
import type { Key } from "./words";

/** A refusal as the screen shows it. `field` is set when it belongs under one field of the form. */
export interface Problem {
  code: string;
  field: string | null;
  key: Key;
  values: Record<string, number>;
}

/** What a form is for: the same code means different things when registering and logging in. */
export type Purpose = "register" | "login" | "family" | "other";

const OF_FIELD: Record<string, Key> = {
  document_type: "problem.document_type",
  number: "problem.number",
  name: "problem.name",
  phone: "problem.phone",
  password: "problem.password",
  born: "problem.born",
  words: "problem.words",
  code: "problem.code",
  image: "problem.image",
  "from.departure": "problem.from.departure",
  "from.household": "problem.from.household",
  "from.contact": "problem.phone",
  "from.home_code": "problem.home-code-unknown",
};

const OF_CODE: Record<string, Key> = {
  "not-registered": "problem.not-registered",
  conflict: "problem.conflict",
  "already-claimed": "problem.already-claimed",
  "parents-full": "problem.parents-full",
  "children-full": "problem.children-full",
  "spouse-full": "problem.spouse-full",
  "relatives-full": "problem.relatives-full",
  "parent-too-young": "problem.parent-too-young",
  "child-too-old": "problem.child-too-old",
  "own-person": "problem.own-person",
  "no-arrival": "problem.no-arrival",
  "arrived-too-early": "problem.arrived-too-early",
  "claim-from-abroad": "problem.claim-from-abroad",
  "claim-from-elsewhere": "problem.claim-from-elsewhere",
  "household-here": "problem.household-here",
  "home-code-unknown": "problem.home-code-unknown",
  "home-code-old": "problem.home-code-old",
  "home-code-other": "problem.home-code-other",
  "nothing-to-contest": "appeal.green",
  "appeal-open": "problem.appeal-open",
  "identity-level": "problem.identity-level",
  "identity-not-offered": "problem.identity-not-offered",
  "identity-differs": "problem.identity-differs",
  "identity-unavailable": "problem.identity-unavailable",
  forbidden: "problem.forbidden",
  "unsupported-version": "problem.unsupported-version",
  network: "problem.network",
  timeout: "problem.timeout",
  unavailable: "problem.unavailable",
  unauthorised: "problem.session-ended",
};

export function problemOf(cause: unknown, purpose: Purpose): Problem {
  const refusal = cause instanceof Refusal ? cause : new Refusal("internal");
  const { code, field, retryAfterSeconds } = refusal;
  const as = (key: Key, values: Record<string, number> = {}): Problem => ({
    code,
    field,
    key,
    values,
  });

  if (code === "bad-field" && field && OF_FIELD[field]) return as(OF_FIELD[field]);
  if (code === "conflict" && purpose === "register") return as("problem.registered-before");
  // The age is asked for in the field that was left out.
  if (code === "age-unknown") return { ...as("problem.born"), field: "born" };
  if (code === "not-registered" && purpose === "family") return as("problem.not-registered.member");
  if (code === "already-claimed" && purpose === "family") return as("problem.already-claimed.member");
  if (code === "unauthorised" && purpose === "login") return as("problem.login");
  if (code === "rate-limited") {
    const minutes = Math.ceil((retryAfterSeconds ?? 60) / 60);
    return as("problem.rate-limited", { n: minutes });
  }
  return as(OF_CODE[code] ?? "problem.internal");
}

/** A field that the page itself finds empty, before anything is sent. */
export function emptyProblem(field: string): Problem {
  return { code: "bad-field", field, key: "problem.empty", values: {} };
}

/** A field that the page itself finds wrong, before anything is sent. */
export function fieldProblem(field: keyof typeof OF_FIELD): Problem {
  return { code: "bad-field", field, key: OF_FIELD[field] ?? "problem.internal", values: {} };
}

const STEP_OF_CODE: Record<string, FamilyStep> = {
  "parents-full": "relation",
  "children-full": "relation",
  "spouse-full": "relation",
  "relatives-full": "relation",
  "parent-too-young": "document",
  "child-too-old": "document",
  "not-registered": "document",
  "already-claimed": "document",
  "own-person": "document",
  "no-arrival": "abroad",
  "arrived-too-early": "abroad",
  "claim-from-abroad": "abroad",
  "claim-from-elsewhere": "departure",
  "household-here": "from",
};

const STEP_OF_FIELD: Record<string, FamilyStep> = {
  relation: "relation",
  document_type: "document",
  number: "document",
  name: "document",
  born: "document",
  "from.departure": "departure",
  "from.household": "household",
  "from.home_code": "household",
  "from.contact": "abroad",
};

/** The question at which a problem with a claim is mended; null when it is no question's. */
export function stepOf({ code, field }: Problem): FamilyStep | null {
  return (field === null ? null : STEP_OF_FIELD[field]) ?? STEP_OF_CODE[code] ?? null;
}

/** The same in a claim of one's own, which has no other questions. */
export function originStepOf(problem: Problem): OriginStep | null {
  const step = stepOf(problem);
  return step === "relation" || step === "document" ? null : step;
}
