/**
 * What the engine tells the screens, as narrow as it is meant. The generated `bindings.ts` is wider in
 * places (a text where only five words occur, a number that might be null because Rust's floats can be
 * NaN); `tauri.ts` is the one place where wide becomes narrow.
 */

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
  /** Replaces an earlier verdict of the same encounter with a worse one. */
  overturned: boolean;
  elapsedMs: number;
};

export type DeviceView = {
  id: string;
  kind: "camera" | "pictures" | "serial" | "wedge";
  name: string;
  state: "working" | "opening" | "lost" | "busy" | "refused" | "off";
  chosen: boolean;
};

export type SyncProgress = {
  done: number;
  total: number;
};

export type StationView = {
  station: string | null;
  site: Words | null;
  scene: string;
  operator: string | null;
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
  devices: DeviceView[];
  sync: SyncProgress | null;
  readOnly: boolean;
  notices: string[];
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
  /** Entry number; rows older than it are given. */
  before: number | null;
  limit: number;
};

export type Found = {
  /** Four, in frame pixels. */
  corners: [number, number][];
  width: number;
  height: number;
  symbology: string;
  kind: "code" | "document" | "other";
};

export type Settings = {
  language: "zh-CN" | "en";
  scene: string;
  operator: string | null;
  sound: boolean;
  camera: string | null;
  pictureFolder: string | null;
  serialPort: string | null;
  serialBaud: number;
  authorityUrl: string | null;
};

export type { Closed, CommandError } from "./bindings";
