import "@yanma/shared/tokens.css";
import "@yanma/shared/contrast.css";
import "@yanma/shared/base.css";
import { followScheme } from "@yanma/shared";
import { mount } from "svelte";
import App from "./App.svelte";
import "./screens/cards.css";
import "./screens/tables.css";
import { choosePlatform } from "./platform/platform";
import { Desk } from "./state/desk.svelte";
import Guest from "./screens/Guest.svelte";
import { preferences } from "./state/preferences.svelte";

followScheme();
preferences.apply();
const target = document.getElementById("app");
const platform = await choosePlatform();
// The guest's screen is another window with the same pages.
const forGuest = new URLSearchParams(window.location.search).has("guest");
if (target && forGuest) mount(Guest, { target, props: { platform } });
else if (target) mount(App, { target, props: { desk: new Desk(platform) } });
