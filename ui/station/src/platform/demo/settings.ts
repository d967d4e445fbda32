import { LANGUAGES } from "@yanma/shared";
import type { Settings } from "../views";
import { COUNTER } from "./devices";

/** How the desk is set, as the address asks for it. */
export function settingsOf(wish: URLSearchParams): Settings {
  return {
    language: LANGUAGES.find((named) => named === wish.get("lang")) ?? "zh-CN",
    scene: wish.get("scene") ?? "hospital",
    operator: wish.has("long") ? "Maximiliana Featherstonehaugh" : "陈护士",
    sound: false,
    voice: false,
    camera: "camera-0",
    documentCamera: wish.has("document") ? COUNTER : null,
    pictureFolder: null,
    serial: ["/dev/ttyUSB0", "/dev/ttyUSB3 baud=115200"],
    scannerPrefix: null,
    scannerSuffix: null,
    cardReader: "/dev/ttyUSB1",
    // A family goes before a turnstile one by one.
    turnstile: wish.has("family") ? null : "modbus:/dev/ttyUSB2 input=1",
    printer: "/dev/usb/lp0",
    guestScreen: null,
    authorityUrl: "http://127.0.0.1:8080",
  };
}
