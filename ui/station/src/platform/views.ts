/**
 * What the engine tells the screens, as narrow as it is meant. The generated `bindings.ts` is wider in
 * places (a text where only five words occur, a number that might be null because Rust's floats can be
 * NaN); `tauri.ts` is the one place where wide becomes narrow.
 */

import type { Language } from "@yanma/shared";
import type { TakenKey } from "../wedge-listener";

export type { Tried } from "../screens/devices/trial";

export type Decision = "admit" | "refuse" | "refer";

export type ColourName = "green" | "orange" | "yellow" | "red" | "withdrawn";

export type Tier = "live" | "normal" | "old" | "tooOld" | "none";

export type TextSource = "wedge" | "typed";

/** A name in both languages. */
export type Words = {
  zh: string;
  en: string;
};

export type ReasonView = {
  code: string;
  weight: "failed" | "notChecked" | "notice";
};

export type SubjectView = {
  name: string | null;
  document: string | null;
  documentType: string | null;
  issuerZh: string | null;
  issuerEn: string | null;
};

export type VerdictView = {
  entry: string;
  /** RFC 3339. */
  at: string;
  decision: Decision;
  reasons: ReasonView[];
  colour: ColourName | null;
  subject: SubjectView;
  online: boolean;
  ageSeconds: number | null;
  tier: Tier;
  /** "code", "card", "typed", "scanned". */
  methods: string[];
  /** Code and document were compared and are one person's. */
  identityMatched: boolean;
  /** The chip of the document was read, and holds. */
  chipHolds: boolean;
  /** Nobody shows anything now: it is a later word on what was shown. */
  later: boolean;
  /** The entry of the same encounter that this one puts right or completes. */
  amends: string | null;
  /** Replaces an earlier verdict of the same encounter with a worse one. */
  overturned: boolean;
  /** What had been done with the person already. */
  done: Action | null;
  /** Whether they are on a list of today; `null` where there is no list. */
  expectation: Expectation | null;
  /** Since when this person has been inside, where people are counted in and out. */
  insideSince: string | null;
  /** The lane at which they were let through today, when it was another. */
  elsewhere: { lane: string; at: string | null; flight: string } | null;
  elapsedMs: number;
};

/** Another lane of the same site, which shares its counts with this desk. */
export type Lane = { name: string; heardAt: string; isSilent: boolean };

/** Whether somebody at the desk is on a list of today. */
export type Expectation =
  | { state: "walkIn" }
  | { state: "expected"; list: string; name: string; room: string | null; nights: number | null; note: string | null; flight: string | null; seat: string | null }
  | { state: "cameBefore"; list: string; name: string; room: string | null; flight: string | null; seat: string | null; arrivedAt: string };

/** A flight of the day: people of the lists, and who came. */
export type Flight = {
  flight: string;
  expected: number;
  /** Of those expected. */
  checked: number;
  missing: number;
  /** Passengers who are on no list. */
  unlisted: number;
  crew: number;
  staff: number;
};

/** Somebody who is inside, masked; the entry is the one by which they came. */
export type Inside = { entry: string; name: string | null; document: string | null; cameAt: string };

/** Somebody of a flight's lists who has not come, masked. */
export type Missing = { name: string; document: string | null; seat: string | null };

/** A list of expected people, and how far it is. */
export type List = { id: string; name: string; day: string; people: number; checked: number; arrived: number };

/** What became of a file. */
export type Taken = { list: string; encoding: string; people: number; problems: number; twice: number };

/** Somebody on a list. */
export type Listed = {
  line: number;
  name: string;
  documentType: string | null;
  document: string | null;
  room: string | null;
  nights: number | null;
  flight: string | null;
  seat: string | null;
  note: string | null;
  /** "name", "no-document", "document", "which-document", "document-type", "stay", "flight", "twice N". */
  problem: string | null;
  decision: Decision | null;
  reasons: string[];
  arrivedAt: string | null;
};

export type ListProgress = { list: string; done: number; total: number };

/** What is written of a guest, as it is typed. */
export type GuestForm = {
  name: string;
  documentType: string;
  document: string;
  sex: string;
  born: string;
  nationality: string;
  ethnicity: string;
  address: string;
  room: string;
  nights: string;
};

/** A guest of the register; the number is masked. */
export type Guest = {
  id: string;
  party: string;
  name: string;
  documentType: string;
  document: string;
  nationality: string;
  room: string;
  arrivedAt: string;
  /** The day on which they mean to leave. */
  due: string;
  leftAt: string | null;
  /** By when the police must be told; citizens need no report. */
  reportDueAt: string | null;
  reportedAt: string | null;
};

/** A side of the desk that a camera watches: the guest, who holds a phone to it, or the counter. */
export type Side = "guest" | "document";

export type DeviceView = {
  id: string;
  kind: "camera" | "pictures" | "serial" | "hid" | "wedge" | "card" | "turnstile" | "printer";
  name: string;
  state: "working" | "opening" | "lost" | "busy" | "refused" | "off";
  chosen: boolean;
  /** Of a camera in use, or what stands in for one: the side that it watches. */
  side: Side | null;
  /** What is wrong with it, or with what lies on it, and what to do. */
  trouble: Words | null;
};

/** How far a sync is that takes longer than a second: bytes that are fetched, rows that are built. */
export type SyncProgress = {
  feed: "trust" | "policy" | "status" | "directory";
  stage: "fetch" | "build" | "show";
  done: number;
  total: number;
};

/** A file that was refused, and what the desk does instead. */
export type Refusal = {
  file: string;
  code: string;
  why: "damaged" | "missing" | "foreign" | "wrong" | "old" | "future";
  instead: "again" | "next-head";
  /** As of when is what stays in force; nothing does on a desk that has no data. */
  keptAsOf: string | null;
};

/** The directory of a city, in the place of the whole one. */
export type CityView = {
  code: number;
  name: Words;
  /** None while it is not on this desk. */
  ageSeconds: number | null;
  documents: number;
};

/** The list of another issuer whose codes are recognised. */
export type RegionView = {
  /** As in its codes. */
  issuer: number;
  name: Words;
  /** Of its list; none while it is not on this desk. */
  ageSeconds: number | null;
  refusal: Refusal | null;
};

export type StationView = {
  station: string | null;
  site: Words | null;
  scene: string;
  operator: string | null;
  /** Somebody must sign in before anything may be done. */
  signInNeeded: boolean;
  enrolled: boolean;
  connection: "online" | "offline" | "connecting";
  ageSeconds: number | null;
  tier: Tier;
  holders: number;
  epoch: number;
  sequence: number;
  clockTrusted: boolean;
  outbox: number;
  quarantined: number;
  /** How many people are inside, where the scene counts them. */
  inside: number | null;
  /** The other lanes that were ever heard; `null` for a desk that is no lane. */
  lanes: Lane[] | null;
  devices: DeviceView[];
  sync: SyncProgress | null;
  refusal: Refusal | null;
  /** The directories of the chosen cities; none while the whole one is wanted. */
  cities: CityView[];
  /** The lists of other issuers whose codes are recognised. */
  regions: RegionView[];
  readOnly: boolean;
  /** The window fills the screen until somebody who may leaves it. */
  kiosk: boolean;
  notices: string[];
  /** Of the notice SCENE-FILE: what is wrong in which file. */
  sceneFaults: SceneFault[];
};

export type EntryRow = {
  id: string;
  number: number;
  at: string;
  decision: Decision;
  reasons: string[];
  colour: ColourName | null;
  name: string | null;
  document: string | null;
  documentType: string | null;
  methods: string[];
  site: string | null;
  operator: string | null;
  upload: "pending" | "sent" | "rejected";
  amends: string | null;
};

export type LogFilter = {
  text: string | null;
  decision: Decision | null;
  /** Days such as "2026-11-23", both included. */
  from: string | null;
  to: string | null;
  /** A time such as "14:30" on the first day, and one on the last, exclusive. */
  since: string | null;
  until: string | null;
  /** Entry number; rows older than it are given. */
  before: number | null;
  limit: number;
};

/** Keys that the engine took before an input method had them; of the first ones see `WedgeListener`. */
export type Keys = { begins: boolean; keys: readonly TakenKey[] };

/** Why a code in view is not read, or that further codes of one text are to be shown. */
export type Advice = {
  hint: "too-far" | "too-close" | "cut-off" | "glare" | "too-dark" | "blur" | "unclear" | "parts";
  /** Of "parts": how many were read, and how many there are; 0 while none has said so. */
  read: number;
  of: number;
};

/** Where a camera sees a symbol. */
export type Found = {
  /** Four, in frame pixels. */
  corners: [number, number][];
  width: number;
  height: number;
  symbology: string;
  kind: "code" | "document" | "other";
};

/** What the camera of a side sees now; `null` when it sees no code. */
export type FoundBy = { side: Side; found: Found | null };

/** What would help where it sees a code and cannot read it; `null` when it is over. */
export type AdviceBy = { side: Side; advice: Advice | null };

export type Settings = {
  language: Language;
  scene: string;
  operator: string | null;
  sound: boolean;
  /** What the guest's screen shows is said aloud. */
  voice: boolean;
  /** By its identity, or "pictures:" and a folder. */
  camera: string | null;
  documentCamera: string | null;
  pictureFolder: string | null;
  /** A line for each serial device: its port, and what differs from the usual. */
  serial: string[];
  /** What scanners put before every code, `\x02` for a control character: it is taken off. */
  scannerPrefix: string | null;
  /** What they put behind it. */
  scannerSuffix: string | null;
  /** Its serial port, or host:port. */
  cardReader: string | null;
  /** Kind and place of its relay, and what differs from the usual. */
  turnstile: string | null;
  /** A device file, a serial port or host:9100, and how wide. */
  printer: string | null;
  /** The guest's screen, by its name; the first that is not the operator's without one. */
  guestScreen: string | null;
  authorityUrl: string | null;
};

/** A screen of this computer, in its own pixels. */
export type ScreenView = {
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The operator's window is on it. */
  operators: boolean;
};

/** What was done with a person. */
export type Action = "admitted" | "sent" | "turnedAway" | "left";

export type SceneName = { id: string; name: Words };

/** What follows a verdict. */
export type ScenePath = { operator: Words; guest: Words; to: Words | null; actions: Action[]; slip: boolean };

/** Something to fill in. */
export type SceneField = {
  id: string;
  label: Words;
  kind: "choice" | "text" | "number" | "temperature";
  options: { id: string; label: Words }[];
  longest: number | null;
  least: number | null;
  most: number | null;
  requiredWhen: Action[];
  /** Only where these fields have one of these answers. */
  requiredWith: Partial<Record<string, string[]>>;
};

/** What a device read for a field: an appointment's number, a temperature. */
export type Filled = { field: string; answer: string };

/** The scene in force: what it asks, and what follows each verdict. */
export type Scene = {
  id: string;
  name: Words;
  dignity: boolean;
  /** Whether those let in are written into the legal register of guests. */
  guestRegister: boolean;
  /** Whether boarding passes are shown, and people counted by flight. */
  boardingPass: boolean;
  /** Whether people are counted in and out. */
  countsInside: boolean;
  admit: ScenePath;
  refer: ScenePath;
  refuse: ScenePath;
  fields: SceneField[];
};

/** What the guest's own screen shows; no decision where the scene keeps it from the screen. */
export type GuestSees = { words: Words; to: Words | null; decision: Decision | null };

/** What the operator did, as filled in. */
export type Done = {
  action: Action;
  answers: Record<string, string>;
  overriding: { supervisor: string; pin: string; reason: string } | null;
};

export type Finished = {
  entry: string;
  recorded: boolean;
  action: Action;
  fever: boolean;
  /** What does not fit with who was inside. */
  amiss: { kind: "insideAlready"; since: string } | { kind: "neverCameIn" } | null;
};

/** What the turnstile's arm did for whom it was opened on an entry. */
export type Passage = {
  entry: string;
  passage: "opened" | "turned" | "notTurned" | "late" | "failed";
  /** It could not be written down, and why. */
  problem: string | null;
};

/** What came of the slip of an entry. */
export type SlipNews = {
  entry: string;
  printed: "printed" | "sent" | "failed";
  trouble: Words | null;
};

/** Something that not everybody may do. */
export type Right =
  | "check"
  | "see-counts"
  | "search-log"
  | "export-log"
  | "lists"
  | "guests"
  | "export-guests"
  | "override"
  | "see-audit"
  | "settings"
  | "operators"
  | "enrol";

export type Role = "operator" | "supervisor" | "administrator";

export type Operator = { id: string; name: string; role: Role; hasBadge: boolean; retired: boolean };

export type Staff = {
  operators: Operator[];
  signedIn: Operator | null;
  /** What whoever is at the desk may do. */
  rights: Right[];
};

/** Why a scene of this site's own could not be taken. */
export type SceneFault = {
  file: string;
  line: number | null;
  key: string | null;
  /** What is wrong, in English. */
  problem: string;
};

/** How many came in one hour, with one outcome, to one operator. */
export type HourCount = {
  /** Seconds since 1970 at which the hour begins. */
  from: number;
  decision: Decision;
  operator: string | null;
  /** People. */
  count: number;
  /** Readings beside them that nobody could read. */
  unread: number;
};

/** How long people took in one hour, from the first reading to the word on what was done. */
export type HourPace = {
  /** Seconds since 1970 at which the hour begins. */
  from: number;
  /** The median. */
  seconds: number;
};

/** The figures of some days. */
export type Figures = {
  hours: HourCount[];
  /** Only hours in which something was done. */
  pace: HourPace[];
  /** The median of all of it, where something was done. */
  medianSeconds: number | null;
};

/** Something that was done with this desk. */
export type AuditRow = {
  number: number;
  at: string;
  operator: string | null;
  act: string;
  subject: string | null;
  detail: string | null;
};

export type { Closed, CommandError, ControlKindView as ControlKind, ControlView_Serialize as CameraControl } from "./bindings";

/** Which lists this desk has. */
export type Subscription = {
  /** The directory, by which a card finds its colour without a network. */
  documents: boolean;
  /** The cities whose directories could be had in the place of the whole one; 0 is whoever is in none. */
  cities: { code: number; name: Words; chosen: boolean }[];
  /** The other issuers whose lists could be had. */
  regions: { issuer: number; name: Words; wanted: boolean }[];
};

/** One of the people of a family's code, which nobody has verified yet. */
export type FamilyMember = {
  /** The same for one person in every code of theirs. */
  id: string;
  /** Their own code, to be presented once they are said to be here. */
  text: string;
  name: string;
  documentType: string;
};

/** A stick that is plugged in, and the lists on it. */
export type Stick = {
  name: string;
  folder: string;
  lists: { ageSeconds: number | null; newer: boolean } | null;
};

/** What goes from and to other desks in the same network. */
export type Nearby = {
  give: boolean;
  take: boolean;
  /** Whether this desk is one of several lanes. */
  lane: boolean;
  /** Why one of them does not go, in the system's words. */
  trouble: string | null;
};

/** Why there is no new version, or not here. */
export type UpdateTrouble = {
  why:
    | "unreachable"
    | "silent"
    | "status"
    | "description"
    | "noFile"
    | "tooLarge"
    | "cutShort"
    | "forged"
    | "otherVersion"
    | "notKept"
    | "notByItself"
    | "noRight"
    | "refused"
    | "busy";
  detail: string;
};

/** Where new versions are looked for, and what was found last. */
export type Updates = {
  address: string | null;
  key: string | null;
  /** The version that runs. */
  version: string;
  /** Whether this program can be replaced from here. */
  replacesItself: boolean;
  lookedAt: string | null;
  found:
    | { state: "same" }
    | { state: "older"; version: string }
    | { state: "newer"; version: string; date: string | null; notes: string }
    | null;
  trouble: UpdateTrouble | null;
};

/** How much of a new version has come, in bytes. */
export type UpdateProgress = { done: number; total: number | null };

/** What the desk has for other programs on the same computer. */
export type Programs = {
  on: boolean;
  port: number;
  hasToken: boolean;
  /** How answering goes. */
  state: "off" | "on" | "noToken" | "port" | "desk";
  hooks: Hook[];
};

/** An address that is told what happens. */
export type Hook = {
  id: string;
  url: string;
  /** Entries that it has not been told of yet. */
  waiting: number;
  trouble: "unreachable" | "status" | "ended" | null;
  /** Of "status": which it answered. */
  status: number | null;
  /** Events that it refused and that are not sent again. */
  givenUp: number;
};
