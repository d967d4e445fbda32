import type { Advice, AdviceBy, DeviceView, ScreenView, Side } from "../views";

/** The camera over the counter, where `?document=` has one. */
export const COUNTER = "camera:Document Camera@1-3:1.0";

/** What is plugged in; `?camera=`, `?document=` and `?reader=` say in which state, `?card-trouble` what a reader says. */
export function devicesOf(wish: URLSearchParams): DeviceView[] {
  const state = (wish.get("camera") ?? "working") as DeviceView["state"];
  const counter = wish.get("document") as DeviceView["state"] | null;
  const reader = (wish.get("reader") ?? "working") as DeviceView["state"];
  const trouble = wish.has("card-trouble")
    ? {
        zh: "读取失败，请放稳证件后重试",
        en: "The card could not be read; hold it still and present it again",
      }
    : null;
  return [
    { id: "camera-0", kind: "camera", name: "USB Camera 1080p", state, chosen: true, side: "guest", trouble: null },
    ...(counter
      ? [{ id: COUNTER, kind: "camera", name: "Document Camera", state: counter, chosen: true, side: "document", trouble: null } as const]
      : []),
    { id: "card:/dev/ttyUSB1", kind: "card", name: "/dev/ttyUSB1", state: reader, chosen: true, side: null, trouble },
    { id: "wedge", kind: "wedge", name: "键盘口扫码枪", state: "working", chosen: true, side: null, trouble: null },
    { id: "serial:/dev/ttyUSB0", kind: "serial", name: "/dev/ttyUSB0", state: "working", chosen: true, side: null, trouble: null },
    { id: "serial:/dev/ttyUSB3", kind: "serial", name: "/dev/ttyUSB3", state: "working", chosen: true, side: null, trouble: null },
    { id: "serial:/dev/ttyS0", kind: "serial", name: "ttyS0", state: "off", chosen: false, side: null, trouble: null },
  ];
}

/** `?advice=glare`; `?advice=parts` is of one of three. With `&advised=document` it is that side's. */
export function adviceOf(wish: URLSearchParams): AdviceBy | null {
  const hint = wish.get("advice") as Advice["hint"] | null;
  const side = (wish.get("advised") ?? "guest") as Side;
  return hint && { side, advice: { hint, read: hint === "parts" ? 1 : 0, of: hint === "parts" ? 3 : 0 } };
}

/** The operator's screen, and one for guests. */
export const SCREENS: ScreenView[] = [
  { name: "eDP-1", x: 0, y: 0, width: 1920, height: 1080, operators: true },
  { name: "HDMI-1", x: 1920, y: 0, width: 1280, height: 1024, operators: false },
];
