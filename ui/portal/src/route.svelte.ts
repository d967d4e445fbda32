/** Which screen is shown: what the address asks for, within what the session allows. */
import type { Session } from "./session.svelte";

/** Screens that have an address (`#/login`), so that the phone's back button works. */
const ROUTES = [
  "home",
  "register",
  "login",
  "claim",
  "family",
  "family-add",
  "together",
  "member",
  "paper",
  "appeal",
  "history",
  "withdraw",
  "prove",
  "scanned",
  "carry",
] as const;
export type Route = (typeof ROUTES)[number];

/**
 * An address: a route, and after a second slash a step of it, `#/claim/abroad`, or the family
 * member who is meant, `#/withdraw/00a1b2c3`.
 */
export interface Place {
  route: Route;
  rest: string | null;
}

export type Screen =
  | "loading"
  | "unreachable"
  | "welcome"
  | "register"
  | "login"
  | "claim"
  | "code"
  | "family"
  | "family-add"
  | "together"
  | "member"
  | "paper"
  | "appeal"
  | "history"
  | "withdraw"
  | "prove"
  | "withdrawn"
  | "scanned"
  | "carry";

/** A phone's camera opened the code's own text: `/` and the code's digits. */
export function isCodePath(path: string): boolean {
  return /^\/\d+\/?$/.test(path);
}

export function placeOf(hash: string): Place {
  const [, name, rest] = /^#?\/?([a-z-]*)(?:\/([a-z0-9-]{1,24}))?$/.exec(hash) ?? [];
  const route = ROUTES.find((each) => each === name);
  return route ? { route, rest: rest ?? null } : { route: "home", rest: null };
}

export function hrefOf(route: Route, rest: string | null = null): string {
  if (rest !== null) return `#/${route}/${rest}`;
  return route === "home" ? "#/" : `#/${route}`;
}

/** What the choice of a screen needs to know of a session. */
export type Known = Pick<Session, "phase" | "holder" | "withdrawn"> & {
  family: Pick<Session["family"], "phase" | "find">;
};

export function screenOf({ route, rest }: Place, session: Known): Screen {
  if (route === "scanned" || route === "carry") return route;
  switch (session.phase) {
    case "unknown":
      return "loading";
    case "unreachable":
      return "unreachable";
    case "out":
      return route === "register" || route === "login" ? route : "welcome";
    case "in":
      if (route === "family" || route === "family-add" || route === "prove") return route;
      if (route === "together") return together(session);
      return rest !== null && isOfMember(route) ? screenOfMember(route, rest, session) : own(route, session);
  }
}

const OF_MEMBER = ["member", "paper", "appeal", "history", "withdraw"] as const;
type OfMember = (typeof OF_MEMBER)[number];

function isOfMember(route: Route): route is OfMember {
  return OF_MEMBER.some((each) => each === route);
}

/** Whoever is not in the family any more is looked for on the list, which says so. */
function screenOfMember(route: OfMember, id: string, { family }: Known): Screen {
  if (family.find(id)) return route;
  if (family.phase === "known") return "family";
  return family.phase === "unknown" ? "loading" : "unreachable";
}

/** Whose codes stand together is not known before the family is. */
function together({ family }: Known): Screen {
  if (family.phase === "known") return "together";
  return family.phase === "unknown" ? "loading" : "unreachable";
}

function own(route: Route, session: Known): Screen {
  if (!session.holder) return session.withdrawn && route !== "claim" ? "withdrawn" : "claim";
  if (session.holder.colour === "withdrawn") return "withdrawn";
  return route !== "member" && isOfMember(route) ? route : "code";
}

export class Router {
  place = $state.raw<Place>({ route: "home", rest: null });

  constructor(private readonly target: Window) {
    if (isCodePath(target.location.pathname)) {
      // The digits name a person, masked: they leave the address bar and the history at once.
      target.history.replaceState(null, "", `/${hrefOf("scanned")}`);
    }
    this.#read();
    target.addEventListener("hashchange", () => this.#read());
  }

  /** Goes on to a screen; the one before stays one step back. */
  go(route: Route, rest: string | null = null): void {
    this.target.location.hash = hrefOf(route, rest);
  }

  /** Goes to a screen in place of this one: after a form is done, back should not return to it. */
  replace(route: Route, rest: string | null = null): void {
    this.target.history.replaceState(null, "", hrefOf(route, rest));
    this.#read();
  }

  /** One step back, as the phone's own button. */
  back(): void {
    this.target.history.back();
  }

  #read(): void {
    this.place = placeOf(this.target.location.hash);
  }
}
