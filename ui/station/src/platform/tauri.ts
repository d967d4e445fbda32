import { Channel } from "@tauri-apps/api/core";
import { type CommandError, commands, events } from "./bindings";
import { CommandFailed, type Platform } from "./platform";
import type {
  AdviceBy,
  AuditRow,
  DeviceView,
  EntryRow,
  Figures,
  Filled,
  Finished,
  Flight,
  FoundBy,
  Guest,
  GuestForm,
  GuestSees,
  Inside,
  List,
  ListProgress,
  Listed,
  Missing,
  Passage,
  Programs,
  Scene,
  SceneName,
  Settings,
  SlipNews,
  Staff,
  StationView,
  UpdateProgress,
  Updates,
  VerdictView,
} from "./views";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: CommandError };

async function data<T>(answer: Promise<Answer<T>>): Promise<T> {
  const settled = await answer;
  if (settled.status === "error") throw new CommandFailed(settled.error);
  return settled.data;
}

/** The engine behind the window, through the generated bindings. */
export const tauriPlatform: Platform = {
  async openDesk() {
    await data(commands.openDesk());
  },
  station: async () => (await data(commands.station())) as StationView,
  settings: async () => (await data(commands.settings())) as Settings,
  saveSettings: async (settings) => (await data(commands.saveSettings(settings))) as Settings,
  presentText: async (text, source) => (await data(commands.presentText(text, source))) as VerdictView | null,
  presentNumber: async (documentType, number) =>
    (await data(commands.presentNumber(documentType, number))) as VerdictView,
  lastVerdicts: async (limit) => (await data(commands.lastVerdicts(limit))) as VerdictView[],
  searchLog: async (filter) => (await data(commands.searchLog(filter))) as EntryRow[],
  exportLog: (filter) => data(commands.exportLog(filter)),
  sticks: () => data(commands.sticks()),
  takeFromStick: async (folder) => (await data(commands.takeFromStick(folder))) as StationView,
  writeOntoStick: async (folder) => void (await data(commands.writeOntoStick(folder))),
  sealOntoStick: (folder) => data(commands.sealOntoStick(folder)),
  exportSealedLog: (filter) => data(commands.exportSealedLog(filter)),
  enrol: async (url, code, stationName) => (await data(commands.enrol(url, code, stationName))) as StationView,
  syncNow: async () => (await data(commands.syncNow())) as StationView,
  devices: async () => (await data(commands.devices())) as DeviceView[],
  scannerFamilies: () => data(commands.scannerFamilies()),
  async startPreview(side, onFrame) {
    const channel = new Channel<ArrayBuffer>();
    channel.onmessage = onFrame;
    await data(commands.startPreview(side, channel));
  },
  async ackFrame(side) {
    await data(commands.ackFrame(side));
  },
  cameraControls: (side) => data(commands.cameraControls(side)),
  setCameraControl: (side, kind, value, keep) => data(commands.setCameraControl(side, kind, value, keep)),
  resetCamera: (side) => data(commands.resetCamera(side)),
  scene: async () => (await data(commands.scene())) as Scene,
  scenes: async () => (await data(commands.scenes())) as SceneName[],
  finish: async (entry, done) => (await data(commands.finish(entry, done))) as Finished,
  async printSlip(entry) {
    await data(commands.printSlip(entry));
  },
  staff: async () => (await data(commands.staff())) as Staff,
  signIn: async (id, pin) => (await data(commands.signIn(id, pin))) as Staff,
  signInByBadge: async (badge) => (await data(commands.signInByBadge(badge))) as Staff,
  signOut: async () => (await data(commands.signOut())) as Staff,
  setOperator: async (id, name, role, pin) => (await data(commands.setOperator(id, name, role, pin))) as Staff,
  retireOperator: async (id) => (await data(commands.retireOperator(id))) as Staff,
  issueBadge: (id) => data(commands.issueBadge(id)),
  hours: async (from, to) => (await data(commands.hours(from, to))) as Figures,
  audit: async (before, limit) => (await data(commands.audit(before, limit))) as AuditRow[],
  exportDay: (day, format) => data(commands.exportDay(day, format)),
  takeList: (name, day, bytes) => data(commands.takeList(name, day, [...bytes])),
  lists: async () => (await data(commands.lists())) as List[],
  flights: async () => (await data(commands.flights())) as Flight[],
  inside: async () => (await data(commands.inside())) as Inside[],
  missing: async (flight) => (await data(commands.missing(flight))) as Missing[],
  listed: async (list) => (await data(commands.listed(list))) as Listed[],
  async checkList(list) {
    await data(commands.checkList(list));
  },
  presentListed: async (list, line) => (await data(commands.presentListed(list, line))) as VerdictView,
  async forgetList(list) {
    await data(commands.forgetList(list));
  },
  exportList: (list) => data(commands.exportList(list)),
  companionDraft: async (guest) => (await data(commands.companionDraft(guest))) as GuestForm,
  checkOutParty: (guest) => data(commands.checkOutParty(guest)),
  guestDraft: async () => (await data(commands.guestDraft())) as GuestForm | null,
  guests: async (text, here) => (await data(commands.guests(text, here))) as Guest[],
  guest: async (guest) => (await data(commands.guest(guest))) as GuestForm,
  checkIn: async (form, party) => (await data(commands.checkIn(form, party))) as Guest,
  changeGuest: async (guest, form) => (await data(commands.changeGuest(guest, form))) as Guest,
  checkOut: async (guest) => (await data(commands.checkOut(guest))) as Guest,
  noteReported: async (guest) => (await data(commands.noteReported(guest))) as Guest,
  exportGuests: (from, to, format) => data(commands.exportGuests(from, to, format)),
  leaveFullScreen: async () => void (await data(commands.leaveFullScreen())),
  nearby: async () => await data(commands.nearby()),
  saveNearby: async (give, take) => await data(commands.saveNearby(give, take)),
  makeLaneKey: async () => await data(commands.makeLaneKey()),
  setLaneKey: async (key) => await data(commands.setLaneKey(key)),
  subscription: async () => await data(commands.subscription()),
  saveSubscription: async (documents, cities, regions) => await data(commands.saveSubscription(documents, cities, regions)),
  programs: async () => (await data(commands.programs())) as Programs,
  savePrograms: async (on, port) => (await data(commands.savePrograms(on, port))) as Programs,
  makeProgramToken: () => data(commands.makeProgramToken()),
  addWebHook: (url) => data(commands.addWebHook(url)),
  removeWebHook: async (hook) => (await data(commands.removeWebHook(hook))) as Programs,
  screens: () => data(commands.screens()),
  updates: async () => (await data(commands.updates())) as Updates,
  saveUpdates: async (address, key) => (await data(commands.saveUpdates(address, key))) as Updates,
  lookForUpdate: async () => (await data(commands.lookForUpdate())) as Updates,
  installUpdate: async (version) => void (await data(commands.installUpdate(version))),
  onUpdateProgress: (hear) => events.updateProgress.listen((event) => hear(event.payload as UpdateProgress)),
  async openGuestWindow() {
    await data(commands.openGuestWindow());
  },
  onGuest: (hear) => events.guest.listen((event) => hear(event.payload as GuestSees)),
  onListProgress: (hear) => events.listProgress.listen((event) => hear(event.payload as ListProgress)),
  onVerdict: (hear) => events.verdict.listen((event) => hear(event.payload as VerdictView)),
  onStation: (hear) => events.station.listen((event) => hear(event.payload as StationView)),
  onPassage: (hear) => events.passage.listen((event) => hear(event.payload as Passage)),
  onFamily: (hear) => events.family.listen((event) => hear(event.payload)),
  onUnchecked: (hear) => events.unchecked.listen(() => hear()),
  onFilled: (hear) => events.filled.listen((event) => hear(event.payload as Filled)),
  onSlip: (hear) => events.slip.listen((event) => hear(event.payload as SlipNews)),
  onFound: (hear) => events.found.listen((event) => hear(event.payload as FoundBy)),
  onTried: (hear) => events.tried.listen((event) => hear(event.payload)),
  onKeys: (hear) => events.keys.listen((event) => hear(event.payload)),
  onAdvice: (hear) => events.advice.listen((event) => hear(event.payload as AdviceBy)),
};
