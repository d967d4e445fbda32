import "@yanma/shared/tokens.css";
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

mount(Console, {
  target,
  props: { session: new ConsoleSession((token) => consoleAuthority(token)), address: new Address(window) },
});
