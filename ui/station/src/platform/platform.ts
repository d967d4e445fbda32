import type {
  AdviceBy,
  AuditRow,
  CameraControl,
  CommandError,
  ControlKind,
  DeviceView,
  Done,
  EntryRow,
  FamilyMember,
  Figures,
  Filled,
  Finished,
  Flight,
  FoundBy,
  Guest,
  GuestForm,
  GuestSees,
  Inside,
  Keys,
  List,
  ListProgress,
  Listed,
  LogFilter,
  Missing,
  Nearby,
  Passage,
  Programs,
  Role,
  Scene,
  SceneName,
  ScreenView,
  Settings,
  Side,
  SlipNews,
  Staff,
  StationView,
  Stick,
  Subscription,
  Taken,
  TextSource,
  Tried,
  UpdateProgress,
  Updates,
  VerdictView,
} from "./views";

/** Stops a subscription. */
export type Stop = () => void;

/**
 * All that the screens ask of what lies behind them. Two real ones exist: the window's engine
 * (`tauri.ts`) and a simulated desk for development (`demo/`). Every call rejects with
 * `CommandFailed` when the engine says no.
 */
export interface Platform {
  /** Opens the desk unless it is open; asked first, and again when somebody tries again. */
  openDesk(): Promise<void>;
  station(): Promise<StationView>;
  settings(): Promise<Settings>;
  /** Gives back what was kept, which may differ from what was asked. */
  saveSettings(settings: Settings): Promise<Settings>;
  /** Text from a keyboard scanner or a person; `null` when it is not yet enough for a verdict. */
  presentText(text: string, source: TextSource): Promise<VerdictView | null>;
  presentNumber(documentType: string, number: string): Promise<VerdictView>;
  /** Newest first. */
  lastVerdicts(limit: number): Promise<VerdictView[]>;
  /** Newest first; page on with `before` = the last row's number. */
  searchLog(filter: LogFilter): Promise<EntryRow[]>;
  /** The path of the file written. */
  exportLog(filter: LogFilter): Promise<string>;
  /** The same, so that only the authority can read it. */
  exportSealedLog(filter: LogFilter): Promise<string>;
  enrol(url: string, code: string, stationName: string): Promise<StationView>;
  syncNow(): Promise<StationView>;
  devices(): Promise<DeviceView[]>;
  /** The families of scanners that are plugged in, by their ids in `assets/scanners.json`. */
  scannerFamilies(): Promise<string[]>;
  /** JPEG frames of a side until the window closes; at most three are sent ahead of `ackFrame`. */
  startPreview(side: Side, onFrame: (jpeg: ArrayBuffer) => void): Promise<void>;
  /** One frame of this side was painted or dropped; call once for each. */
  ackFrame(side: Side): Promise<void>;
  /** What can be set at the camera of a side; waits for it, up to two seconds, as do the next two. */
  cameraControls(side: Side): Promise<CameraControl[]>;
  /** Sets a control, to automatic with `null`, and all of them as they are then. Not kept it holds until the next start. */
  setCameraControl(side: Side, kind: ControlKind, value: number | null, keep: boolean): Promise<CameraControl[]>;
  /** Sets everything as the camera came, and keeps nothing. */
  resetCamera(side: Side): Promise<CameraControl[]>;
  /** The scene in force. */
  scene(): Promise<Scene>;
  scenes(): Promise<SceneName[]>;
  /** What was done with the person of an entry. */
  finish(entry: string, done: Done): Promise<Finished>;
  /** Prints the slip of an entry once more. */
  printSlip(entry: string): Promise<void>;
  staff(): Promise<Staff>;
  signIn(id: string, pin: string): Promise<Staff>;
  signInByBadge(badge: string): Promise<Staff>;
  signOut(): Promise<Staff>;
  /** Without a pin the one that was there stays. */
  setOperator(id: string, name: string, role: Role, pin: string | null): Promise<Staff>;
  retireOperator(id: string): Promise<Staff>;
  /** The text of the new badge, given once. */
  issueBadge(id: string): Promise<string>;
  /** The days from `from` to `to`, both included. */
  hours(from: string, to: string): Promise<Figures>;
  /** The figures of a day as a file; its path. */
  exportDay(day: string, format: "csv" | "pdf"): Promise<string>;
  /** Newest first; page on with `before` = the last row's number. */
  audit(before: number | null, limit: number): Promise<AuditRow[]>;
  /** Takes in a list of expected people from the bytes of a file. */
  takeList(name: string, day: string, bytes: Uint8Array): Promise<Taken>;
  lists(): Promise<List[]>;
  /** The flights of the day, in order. */
  flights(): Promise<Flight[]>;
  /** Who is inside, whoever came last first. */
  inside(): Promise<Inside[]>;
  /** Who of a flight's lists has not come. */
  missing(flight: string): Promise<Missing[]>;
  listed(list: string): Promise<Listed[]>;
  /** Checks everybody of a list ahead; how far it is comes by `onListProgress`. */
  checkList(list: string): Promise<void>;
  /** Somebody of a list stands at the desk, with the document that the list names. */
  presentListed(list: string, line: number): Promise<VerdictView>;
  forgetList(list: string): Promise<void>;
  /** The path of the file written. */
  exportList(list: string): Promise<string>;
  /** What whoever was last at the desk showed, to fill the form with. */
  guestDraft(): Promise<GuestForm | null>;
  /** What a companion of a guest is written with: their stay, and what was last shown. */
  companionDraft(guest: string): Promise<GuestForm>;
  /** The newest first. */
  guests(text: string | null, here: boolean): Promise<Guest[]>;
  /** One guest whole. */
  guest(guest: string): Promise<GuestForm>;
  checkIn(form: GuestForm, party: string | null): Promise<Guest>;
  changeGuest(guest: string, form: GuestForm): Promise<Guest>;
  checkOut(guest: string): Promise<Guest>;
  /** Everybody who came with a guest; how many. */
  checkOutParty(guest: string): Promise<number>;
  noteReported(guest: string): Promise<Guest>;
  /** The path of the file written. */
  exportGuests(from: string, to: string, format: "csv" | "json"): Promise<string>;
  /** Ends the kiosk. */
  leaveFullScreen(): Promise<void>;
  /** What is plugged in now. */
  sticks(): Promise<Stick[]>;
  takeFromStick(folder: string): Promise<StationView>;
  writeOntoStick(folder: string): Promise<void>;
  /** The path of the file written, which only the authority can read. */
  sealOntoStick(folder: string): Promise<string>;
  nearby(): Promise<Nearby>;
  saveNearby(give: boolean, take: boolean): Promise<Nearby>;
  /** Makes this desk the first of several lanes; the key for the others is given this once. */
  makeLaneKey(): Promise<string>;
  /** Makes it a lane under another desk's key, or with `null` no lane. */
  setLaneKey(key: string | null): Promise<Nearby>;
  subscription(): Promise<Subscription>;
  /** No cities named means the whole directory. None of the regions named means all, those too that will be recognised later. */
  saveSubscription(documents: boolean, cities: number[] | null, regions: number[] | null): Promise<Subscription>;
  programs(): Promise<Programs>;
  savePrograms(on: boolean, port: number): Promise<Programs>;
  /** The token, given once; the one before counts no more. */
  makeProgramToken(): Promise<string>;
  /** The secret of the new address, given once. */
  addWebHook(url: string): Promise<string>;
  removeWebHook(hook: string): Promise<Programs>;
  updates(): Promise<Updates>;
  /** Looks at once, where both are given. */
  saveUpdates(address: string | null, key: string | null): Promise<Updates>;
  lookForUpdate(): Promise<Updates>;
  /** Fetches and installs the version that was found; the desk starts again, and this never answers unless it failed. */
  installUpdate(version: string): Promise<void>;
  onUpdateProgress(hear: (progress: UpdateProgress) => void): Promise<Stop>;
  /** Opens the guest's own screen. */
  openGuestWindow(): Promise<void>;
  /** The screens of this computer. */
  screens(): Promise<ScreenView[]>;
  /** What to show a guest, on the guest's own screen. */
  onGuest(hear: (sees: GuestSees) => void): Promise<Stop>;
  onListProgress(hear: (progress: ListProgress) => void): Promise<Stop>;
  onVerdict(hear: (verdict: VerdictView) => void): Promise<Stop>;
  onStation(hear: (station: StationView) => void): Promise<Stop>;
  onPassage(hear: (passage: Passage) => void): Promise<Stop>;
  /** A family's code was read; who of it is here is still to be said. */
  onFamily(hear: (members: FamilyMember[]) => void): Promise<Stop>;
  /** Something was shown to a device, and could not be checked. */
  onUnchecked(hear: () => void): Promise<Stop>;
  onFilled(hear: (filled: Filled) => void): Promise<Stop>;
  onSlip(hear: (slip: SlipNews) => void): Promise<Stop>;
  onFound(hear: (seen: FoundBy) => void): Promise<Stop>;
  /** A trial symbol was read, by whichever device. */
  onTried(hear: (tried: Tried) => void): Promise<Stop>;
  /** Keys of a scanner that the engine took before an input method had them. */
  onKeys(hear: (keys: Keys) => void): Promise<Stop>;
  onAdvice(hear: (given: AdviceBy) => void): Promise<Stop>;
}

/** The engine's refusal, as data to be put into words by `errorWords`. */
export class CommandFailed extends Error {
  constructor(readonly reason: CommandError) {
    super(reason.kind);
    this.name = "CommandFailed";
  }
}

/** The engine when inside its window; else, outside production, the simulated desk. */
export async function choosePlatform(): Promise<Platform> {
  if (__DEMO__ && !("__TAURI_INTERNALS__" in window)) {
    const { DemoPlatform } = await import("./demo/demo");
    return new DemoPlatform(new URLSearchParams(window.location.search));
  }
  const { tauriPlatform } = await import("./tauri");
  return tauriPlatform;
}
