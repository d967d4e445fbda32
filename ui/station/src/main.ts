import "@yanma/shared/tokens.css";
import "@yanma/shared/base.css";
import { followScheme } from "@yanma/shared";
import { mount } from "svelte";
import App from "./App.svelte";
import "./screens/cards.css";
import { choosePlatform } from "./platform/platform";
import { Desk } from "./state/desk.svelte";
import { preferences } from "./state/preferences.svelte";

followScheme();
preferences.apply();
const target = document.getElementById("app");
if (target) mount(App, { target, props: { desk: new Desk(await choosePlatform()) } });
