import type {
  DeviceView,
  EntryRow,
  CommandError,
  Found,
  LogFilter,
  Settings,
  StationView,
  TextSource,
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
  enrol(url: string, code: string, stationName: string): Promise<StationView>;
  syncNow(): Promise<StationView>;
  devices(): Promise<DeviceView[]>;
  /** JPEG frames until the window closes; at most three are sent ahead of `ackFrame`. */
  startPreview(onFrame: (jpeg: ArrayBuffer) => void): Promise<void>;
  /** One frame was painted or dropped; call once for each. */
  ackFrame(): Promise<void>;
  onVerdict(hear: (verdict: VerdictView) => void): Promise<Stop>;
  onStation(hear: (station: StationView) => void): Promise<Stop>;
  /** What the camera sees now; `null` when it sees no code. */
  onFound(hear: (found: Found | null) => void): Promise<Stop>;
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
