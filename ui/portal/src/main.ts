import "@yanma/shared/tokens.css";
import "@yanma/shared/contrast.css";
import "@yanma/shared/base.css";
import "./portal.css";
import { followScheme } from "@yanma/shared";
import { mount } from "svelte";
import App from "./App.svelte";
import { httpAuthority } from "./api";
import { startLanguage } from "./remembered";
import { Router } from "./route.svelte";
import { Session } from "./session.svelte";

startLanguage();
followScheme();

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");

mount(App, {
  target,
  props: { session: new Session(httpAuthority()), router: new Router(window) },
});
