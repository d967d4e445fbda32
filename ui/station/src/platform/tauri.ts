import { Channel } from "@tauri-apps/api/core";
import { type CommandError, commands, events } from "./bindings";
import { CommandFailed, type Platform } from "./platform";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: CommandError };

async function data<T>(answer: Promise<Answer<T>>): Promise<T> {
  const settled = await answer;
  if (settled.status === "error") throw new CommandFailed(settled.error);
  return settled.data;
}

/** The engine behind the window, through the generated bindings. */
export const tauriPlatform: Platform = {
  station: () => data(commands.station()),
  settings: () => data(commands.settings()),
  saveSettings: (settings) => data(commands.saveSettings(settings)),
  presentText: (text, source) => data(commands.presentText(text, source)),
  presentNumber: (documentType, number) => data(commands.presentNumber(documentType, number)),
  lastVerdicts: (limit) => data(commands.lastVerdicts(limit)),
  searchLog: (filter) => data(commands.searchLog(filter)),
  exportLog: (filter) => data(commands.exportLog(filter)),
  enrol: (url, code, stationName) => data(commands.enrol(url, code, stationName)),
  syncNow: () => data(commands.syncNow()),
  devices: () => data(commands.devices()),
  async startPreview(onFrame) {
    const channel = new Channel<ArrayBuffer>();
    channel.onmessage = onFrame;
    await data(commands.startPreview(channel));
  },
  async ackFrame() {
    await data(commands.ackFrame());
  },
  onVerdict: (hear) => events.verdict.listen((event) => hear(event.payload)),
  onStation: (hear) => events.station.listen((event) => hear(event.payload)),
  onFound: (hear) => events.found.listen((event) => hear(event.payload)),
};
