import "@yanma/shared/tokens.css";
import "@yanma/shared/contrast.css";
import "@yanma/shared/base.css";
import "./console.css";
import { followScheme } from "@yanma/shared";
import { mount } from "svelte";
import { startLanguage } from "../src/remembered";
import Console from "./Console.svelte";
import { consoleAuthority } from "./authority";
import { Address } from "./places.svelte";
import { ConsoleSession } from "./session.svelte";

startLanguage();
followScheme();

const target = document.getElementById("app");
if (!target) throw new Error("console.html has no #app");

const session = new ConsoleSession((token) => consoleAuthority(token), tabStorage());
// The way in is not shown for a moment to somebody who is in already.
void session.resume().then(() => mount(Console, { target, props: { session, address: new Address(window) } }));

/** A private window may refuse it: then a session ends with the page. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
