import type { DeviceView, ScreenView } from "../views";

/** What is plugged in; `?camera=` and `?reader=` say in which state, `?card-trouble` what a reader says. */
export function devicesOf(wish: URLSearchParams): DeviceView[] {
  const state = (wish.get("camera") ?? "working") as DeviceView["state"];
  const reader = (wish.get("reader") ?? "working") as DeviceView["state"];
  const trouble = wish.has("card-trouble")
    ? {
        zh: "读取失败，请放稳证件后重试",
        en: "The card could not be read; hold it still and present it again",
      }
    : null;
  return [
    { id: "camera-0", kind: "camera", name: "USB Camera 1080p", state, chosen: true, trouble: null },
    { id: "card:/dev/ttyUSB1", kind: "card", name: "/dev/ttyUSB1", state: reader, chosen: true, trouble },
    { id: "wedge", kind: "wedge", name: "键盘口扫码枪", state: "working", chosen: true, trouble: null },
    { id: "serial:/dev/ttyUSB0", kind: "serial", name: "/dev/ttyUSB0", state: "working", chosen: true, trouble: null },
    { id: "serial:/dev/ttyUSB3", kind: "serial", name: "/dev/ttyUSB3", state: "working", chosen: true, trouble: null },
    { id: "serial:/dev/ttyS0", kind: "serial", name: "ttyS0", state: "off", chosen: false, trouble: null },
  ];
}

/** The operator's screen, and one for guests. */
export const SCREENS: ScreenView[] = [
  { name: "eDP-1", x: 0, y: 0, width: 1920, height: 1080, operators: true },
  { name: "HDMI-1", x: 1920, y: 0, width: 1280, height: 1024, operators: false },
];
