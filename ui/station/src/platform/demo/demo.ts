import type {
  AdviceBy,
  AuditRow,
  Closed,
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
  List,
  ListProgress,
  Listed,
  Missing,
  LogFilter,
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
  UpdateProgress,
  Updates,
  VerdictView,
} from "../views";
import { CommandFailed, type Platform, type Stop } from "../platform";
import { DemoCameras } from "./cameras";
import { SCREENS, adviceOf, devicesOf } from "./devices";
import { ARRIVALS, DRAFT, FLIGHTS, GUESTS, INSIDE, LISTED, MISSING, lanesOf } from "./expected";
import { SUBSCRIPTION, citiesOf, refusalOf, regionsOf, subscribed, syncOf } from "./feeds";
import { found } from "./log";
import { DemoPrograms } from "./programs";
import { settingsOf } from "./settings";
import { DemoUpdates } from "./updates";
import { FAMILY, MARK, SKETCHES, verdictOf } from "./people";
import { AUDIT, FIGURES, SCENE_FAULTS, SCENE_NAMES, STAFF, WANG_AT_WORK, sceneOf } from "./places";

const HISTORY = ["admit", "admit", "orange", "admit", "mismatch", "old", "expired", "admit"];

/**
 * A desk without an engine, for development and for pictures of the screens. The address chooses the
 * state: `?verdict=orange&net=offline&tier=old&lang=en&long&enrolled=0&camera=lost&document=working&notice=DISK-FULL`,
 * `?lanes=heard`, `?lanes=silent`, `?lanes=alone`, `?closed=keyMissing`, `?refused=damaged`, `?region=damaged`, `?sync=fetch`.
 */
export class DemoPlatform implements Platform {
  #settings: Settings;
  #station: StationView;
  #cameras: DemoCameras;
  #verdictHearers = new Set<(v: VerdictView) => void>();
  #stationHearers = new Set<(s: StationView) => void>();
  #foundHearers = new Set<(seen: FoundBy) => void>();
  #passageHearers = new Set<(passage: Passage) => void>();
  #filledHearers = new Set<(filled: Filled) => void>();
  #slipHearers = new Set<(slip: SlipNews) => void>();
  #adviceHearers = new Set<(given: AdviceBy) => void>();
  #progressHearers = new Set<(p: ListProgress) => void>();
  #lists: List[];
  #guests = GUESTS;
  #subscription: Subscription = SUBSCRIPTION;
  #nearby: Nearby = { give: false, take: false, lane: false, trouble: null };
  #programs: DemoPrograms;
  #updates: DemoUpdates;
  #updateHearers = new Set<(p: UpdateProgress) => void>();

  constructor(readonly wish: URLSearchParams) {
    const long = wish.has("long");
    this.#cameras = new DemoCameras(wish);
    this.#lists = wish.has("empty") ? [] : [ARRIVALS];
    this.#programs = new DemoPrograms(wish.get("programs"));
    this.#updates = new DemoUpdates(wish.get("updates"));
    const tier = (wish.get("tier") ?? "live") as StationView["tier"];
    const ages = { live: 12, normal: 47 * 60, old: 5 * 3600, tooOld: 3 * 86_400, none: null };
    this.#settings = settingsOf(wish);
    this.#station = {
      station: long ? "发热门诊东侧入口二层平台核验台（临时增设）三号" : "发热门诊 1 号台",
      site: long
        ? { zh: "福建省福州市鼓楼区综合医疗中心附属示范医院急诊与发热门诊大楼", en: "Fuzhou Gulou General Medical Centre, Emergency and Fever Clinic Building" }
        : { zh: "榕城示范医院", en: "Rongcheng Demonstration Hospital" },
      scene: this.#settings.scene,
      operator: this.#settings.operator,
      signInNeeded: wish.has("signin"),
      enrolled: wish.get("enrolled") !== "0",
      connection: (wish.get("net") ?? "online") as StationView["connection"],
      ageSeconds: ages[tier],
      tier,
      holders: 20_710_000,
      epoch: 3,
      sequence: 1482,
      clockTrusted: !wish.has("clock"),
      outbox: wish.get("net") === "offline" ? 37 : 0,
      inside: this.#settings.scene === "general" ? INSIDE.length + (wish.has("lanes") ? 4 : 0) : null,
      lanes: lanesOf(wish),
      quarantined: wish.has("quarantined") ? 2 : 0,
      devices: devicesOf(this.wish),
      sync: syncOf(wish),
      refusal: refusalOf(wish),
      cities: citiesOf(wish),
      regions: regionsOf(wish),
      readOnly: false,
      kiosk: wish.get("kiosk") === "on",
      notices: wish.getAll("notice"),
      sceneFaults: wish.getAll("notice").includes("SCENE-FILE") ? SCENE_FAULTS : [],
    };
    document.documentElement.dataset["platform"] = MARK;
    this.#playWish();
  }

  /** Plays what the address asks for once the screens listen. */
  #playWish(): void {
    const name = this.wish.get("verdict");
    const scheme = this.wish.get("scheme");
    setTimeout(() => {
      if (scheme) document.documentElement.dataset["scheme"] = scheme;
      if (name === "corrected") this.#say({ ...verdictOf("admit"), online: false, ageSeconds: 420 });
      if (name && name in SKETCHES) this.#say(verdictOf(name));
      const screen = this.wish.get("screen");
      if (screen) document.querySelector<HTMLElement>(`[data-testid=nav-${screen}]`)?.click();
    }, 250);
  }

  #say(verdict: VerdictView): VerdictView {
    for (const hear of this.#verdictHearers) hear(verdict);
    return verdict;
  }

  #tell(change: Partial<StationView>): StationView {
    this.#station = { ...this.#station, ...change };
    for (const hear of this.#stationHearers) hear(this.#station);
    return this.#station;
  }

  /** Fails as `?closed=keyMissing` asks, until it is tried again. */
  async openDesk(): Promise<void> {
    const why = this.wish.get("closed") as Closed | null;
    this.wish.delete("closed");
    if (why) throw new CommandFailed({ kind: "closed", detail: { why, folder: "/var/lib/yanma/desk" } });
  }

  async station(): Promise<StationView> {
    return this.#station;
  }

  async settings(): Promise<Settings> {
    return this.#settings;
  }

  async saveSettings(settings: Settings): Promise<Settings> {
    if (settings.camera !== null && settings.camera === settings.documentCamera)
      throw new CommandFailed({ kind: "badField", detail: { field: "documentCamera", reason: "the guest side has this camera" } });
    this.#settings = settings;
    this.#tell({ scene: settings.scene, operator: settings.operator });
    return settings;
  }

  async presentText(text: string, _source: TextSource): Promise<VerdictView | null> {
    if (text.length < 18) return null;
    const names = Object.keys(SKETCHES);
    return this.#say(verdictOf(names[text.length % names.length] ?? "admit"));
  }

  async presentNumber(documentType: string, number: string): Promise<VerdictView> {
    if (documentType === "resident-id" && number.length !== 18) return this.#say(verdictOf("mistyped"));
    return this.#say(verdictOf(number.endsWith("4") ? "orange" : "old"));
  }

  async lastVerdicts(limit: number): Promise<VerdictView[]> {
    if (this.#station.signInNeeded)
      throw new CommandFailed({ kind: "notAllowed", detail: { right: "check", least: "operator" } });
    if (this.wish.has("empty")) return [];
    return HISTORY.slice(0, limit).map((name, i) => verdictOf(name, 40 + i * 95));
  }

  async searchLog(filter: LogFilter): Promise<EntryRow[]> {
    if (this.wish.has("empty")) return [];
    return found(filter, this.#station.site?.zh ?? null, this.#settings.operator);
  }

  async exportLog(_filter: LogFilter): Promise<string> {
    return "/home/desk/Documents/yanma-2026-11-23.csv";
  }

  async exportSealedLog(_filter: LogFilter): Promise<string> {
    return "/home/desk/Documents/yanma-2026-11-23.yanmalog";
  }

  async enrol(url: string, code: string, stationName: string): Promise<StationView> {
    if (code.length < 6) {
      throw new CommandFailed({ kind: "badField", detail: { field: "code", reason: "too short" } });
    }
    this.#settings = { ...this.#settings, authorityUrl: url };
    return this.#tell({ enrolled: true, station: stationName });
  }

  async syncNow(): Promise<StationView> {
    return this.#tell({ ageSeconds: 0, tier: "live", connection: "online", outbox: 0 });
  }

  async devices(): Promise<DeviceView[]> {
    return this.#station.devices;
  }

  cameraControls: Platform["cameraControls"] = async (side) => this.#cameras.controls(side);
  setCameraControl: Platform["setCameraControl"] = async (side, kind, value) => this.#cameras.set(side, kind, value);
  resetCamera: Platform["resetCamera"] = async (side) => this.#cameras.reset(side);

  /** As `?scanner=m3y` asks. */
  async scannerFamilies(): Promise<string[]> {
    const family = this.wish.get("scanner");
    return family ? [family] : [];
  }

  async scene(): Promise<Scene> {
    return sceneOf(this.#station.enrolled ? this.#settings.scene : "general");
  }

  async scenes(): Promise<SceneName[]> {
    return SCENE_NAMES;
  }

  async finish(entry: string, done: Done): Promise<Finished> {
    const missing = sceneOf(this.#settings.scene).fields.find(
      (field) =>
        field.requiredWhen.includes(done.action) &&
        Object.entries(field.requiredWith).every(([id, wanted]) => wanted?.includes(done.answers[id] ?? "")) &&
        !done.answers[field.id],
    );
    if (missing) throw new CommandFailed({ kind: "badField", detail: { field: missing.id, reason: "must be filled in" } });
    const fever = Number((done.answers["temperature"] ?? "").replace(",", ".")) >= 37.3;
    return { entry, recorded: !this.wish.getAll("notice").includes("DISK-FULL"), action: done.action, fever, amiss: null };
  }

  async printSlip(entry: string): Promise<void> {
    for (const hear of this.#slipHearers) hear({ entry, printed: "printed", trouble: null });
  }

  async staff(): Promise<Staff> {
    if (this.wish.has("operator")) return WANG_AT_WORK;
    return this.wish.has("signin") || this.wish.has("staffed") ? STAFF : { operators: [], signedIn: null, rights: STAFF.rights };
  }

  async signIn(id: string, pin: string): Promise<Staff> {
    if (pin === "0000") throw new CommandFailed({ kind: "signIn", detail: { why: "wrong" } });
    this.#tell({ signInNeeded: false });
    return { ...STAFF, signedIn: STAFF.operators.find((one) => one.id === id) ?? null };
  }

  async signInByBadge(_badge: string): Promise<Staff> {
    this.#tell({ signInNeeded: false });
    return STAFF;
  }

  async signOut(): Promise<Staff> {
    this.#tell({ signInNeeded: true });
    return { ...STAFF, signedIn: null };
  }

  async setOperator(id: string, name: string, role: Role, _pin: string | null): Promise<Staff> {
    return { ...STAFF, operators: [...STAFF.operators, { id, name, role, hasBadge: false, retired: false }] };
  }

  async retireOperator(id: string): Promise<Staff> {
    return { ...STAFF, operators: STAFF.operators.map((one) => ({ ...one, retired: one.retired || one.id === id })) };
  }

  async issueBadge(_id: string): Promise<string> {
    return "YANMA-BADGE-0123456789ABCDEF0123456789ABCDEF";
  }

  async hours(_from: string, _to: string): Promise<Figures> {
    return this.wish.has("empty") ? { hours: [], pace: [], medianSeconds: null } : FIGURES;
  }

  async audit(_before: number | null, limit: number): Promise<AuditRow[]> {
    return AUDIT.slice(0, limit);
  }

  async exportDay(day: string, format: "csv" | "pdf"): Promise<string> {
    return `/home/desk/exports/yanma-day-${day}.${format}`;
  }

  async takeList(name: string, day: string, bytes: Uint8Array): Promise<Taken> {
    if (bytes.length < 8) throw new CommandFailed({ kind: "noList", detail: { why: "noNameColumn" } });
    this.#lists = [{ ...ARRIVALS, name, day }, ...this.#lists.slice(1)];
    return { list: ARRIVALS.id, encoding: "gb18030", people: LISTED.length, problems: 3, twice: 1 };
  }

  async lists(): Promise<List[]> {
    return this.#lists;
  }

  async flights(): Promise<Flight[]> {
    return this.wish.has("empty") ? [] : FLIGHTS;
  }

  async inside(): Promise<Inside[]> {
    return INSIDE;
  }

  async missing(flight: string): Promise<Missing[]> {
    const found = FLIGHTS.find((one) => one.flight === flight);
    return MISSING.slice(0, found?.missing ?? 0);
  }

  async listed(_list: string): Promise<Listed[]> {
    return LISTED;
  }

  async checkList(list: string): Promise<void> {
    for (const hear of this.#progressHearers) hear({ list, done: 4, total: 6 });
  }

  async presentListed(_list: string, line: number): Promise<VerdictView> {
    return this.#say(verdictOf(line % 2 === 0 ? "booked" : "orange"));
  }

  async forgetList(list: string): Promise<void> {
    this.#lists = this.#lists.filter((one) => one.id !== list);
  }

  async exportList(_list: string): Promise<string> {
    return "/home/desk/exports/yanma-list-20261123-181502.csv";
  }

  async companionDraft(guest: string): Promise<GuestForm> {
    const room = this.#guests.find((one) => one.id === guest)?.room ?? "";
    return { ...DRAFT, room, address: "福州市鼓楼区五四路 158 号" };
  }

  async checkOutParty(guest: string): Promise<number> {
    const party = this.#guests.find((one) => one.id === guest)?.party;
    const left = this.#guests.filter((one) => one.party === party && !one.leftAt);
    for (const one of left) await this.checkOut(one.id);
    return left.length;
  }

  async guestDraft(): Promise<GuestForm | null> {
    return this.wish.has("draft") ? DRAFT : null;
  }

  async guests(text: string | null, here: boolean): Promise<Guest[]> {
    const fits = (one: Guest) => !text || one.name.includes(text) || one.room.includes(text);
    return this.#guests.filter((one) => fits(one) && (!here || !one.leftAt));
  }

  async guest(id: string): Promise<GuestForm> {
    const one = this.#guests.find((guest) => guest.id === id);
    return { ...DRAFT, name: one?.name ?? "", room: one?.room ?? "", nights: "2", address: "福州市鼓楼区东街 1 号" };
  }

  async checkIn(form: GuestForm, party: string | null): Promise<Guest> {
    const missing = (["name", "document", "address", "room"] as const).find((field) => !form[field].trim());
    if (missing) throw new CommandFailed({ kind: "badField", detail: { field: missing, reason: "not of the expected form" } });
    const id = `guest-${this.#guests.length + 1}`;
    const guest: Guest = { ...(GUESTS[0] as Guest), id, party: party ?? id, name: form.name, room: form.room, arrivedAt: new Date().toISOString() };
    this.#guests = [guest, ...this.#guests];
    return guest;
  }

  async changeGuest(id: string, form: GuestForm): Promise<Guest> {
    return this.#change(id, { name: form.name, room: form.room });
  }

  async checkOut(id: string): Promise<Guest> {
    return this.#change(id, { leftAt: new Date().toISOString() });
  }

  async noteReported(id: string): Promise<Guest> {
    return this.#change(id, { reportedAt: new Date().toISOString() });
  }

  #change(id: string, change: Partial<Guest>): Guest {
    this.#guests = this.#guests.map((one) => (one.id === id ? { ...one, ...change } : one));
    return this.#guests.find((one) => one.id === id) as Guest;
  }

  async exportGuests(_from: string, _to: string, format: "csv" | "json"): Promise<string> {
    return `/home/desk/exports/yanma-guests-20261123-181502.${format}`;
  }

  async leaveFullScreen(): Promise<void> {}

  async subscription(): Promise<Subscription> {
    return this.#subscription;
  }

  async saveSubscription(documents: boolean, cities: number[] | null, regions: number[] | null): Promise<Subscription> {
    return (this.#subscription = subscribed(documents, cities, regions));
  }

  async sticks(): Promise<Stick[]> {
    return [
      { name: "LISTS", folder: "/media/desk/LISTS", lists: { ageSeconds: 7200, newer: true } },
      { name: "KINGSTON", folder: "/media/desk/KINGSTON", lists: null },
    ];
  }

  async takeFromStick(_folder: string): Promise<StationView> {
    return this.station();
  }

  async writeOntoStick(_folder: string): Promise<void> {
    await new Promise((done) => setTimeout(done, 1500));
  }

  async sealOntoStick(folder: string): Promise<string> {
    return `${folder}/yanma-log-20261123-080000.yanmalog`;
  }

  async nearby(): Promise<Nearby> {
    return this.#nearby;
  }

  async saveNearby(give: boolean, take: boolean): Promise<Nearby> {
    return (this.#nearby = { ...this.#nearby, give, take });
  }

  async makeLaneKey(): Promise<string> {
    this.#nearby = { ...this.#nearby, lane: true };
    return "5a5a-5a5a-5a5a-5a5a-5a5a-5a5a-5a5a-5a5a-f446";
  }

  async setLaneKey(key: string | null): Promise<Nearby> {
    if (key !== null && !/^[0-9a-f]{36}$/i.test(key.replaceAll(/[-\s]/g, ""))) {
      throw new CommandFailed({ kind: "badField", detail: { field: "laneKey", reason: "not a key" } });
    }
    return (this.#nearby = { ...this.#nearby, lane: key !== null });
  }

  async programs(): Promise<Programs> {
    return this.#programs.now;
  }

  async savePrograms(on: boolean, port: number): Promise<Programs> {
    return this.#programs.save(on, port);
  }

  async makeProgramToken(): Promise<string> {
    return this.#programs.token();
  }

  async addWebHook(url: string): Promise<string> {
    return this.#programs.add(url);
  }

  async removeWebHook(hook: string): Promise<Programs> {
    return this.#programs.remove(hook);
  }

  async screens(): Promise<ScreenView[]> {
    return SCREENS;
  }

  async updates(): Promise<Updates> {
    return this.#updates.now;
  }

  async saveUpdates(address: string | null, key: string | null): Promise<Updates> {
    return this.#updates.save(address, key);
  }

  async lookForUpdate(): Promise<Updates> {
    return this.#updates.look();
  }

  async installUpdate(_version: string): Promise<void> {
    await this.#updates.install((progress) => this.#updateHearers.forEach((hear) => hear(progress)));
  }

  onUpdateProgress(hear: (progress: UpdateProgress) => void): Promise<Stop> {
    return listen(this.#updateHearers, hear);
  }

  async openGuestWindow(): Promise<void> {
    window.open("?guest", "guest");
  }

  /** As `?guest&verdict=orange&scene=hotel` asks. */
  async onGuest(hear: (sees: GuestSees) => void): Promise<Stop> {
    const sketch = SKETCHES[this.wish.get("verdict") ?? ""];
    const scene = sceneOf(this.#settings.scene);
    if (sketch) {
      const { guest, to } = scene[sketch.decision];
      hear({ words: guest, to, decision: scene.dignity ? null : sketch.decision });
    }
    return () => undefined;
  }

  onListProgress(hear: (progress: ListProgress) => void): Promise<Stop> {
    return listen(this.#progressHearers, hear);
  }

  async startPreview(side: Side, onFrame: (jpeg: ArrayBuffer) => void): Promise<void> {
    if (this.#station.devices.find((device) => device.side === side)?.state !== "working") return;
    const next = async (): Promise<void> => {
      onFrame(await this.#cameras.frame(side));
      for (const hear of this.#foundHearers) hear(this.#cameras.sees(side));
      setTimeout(() => void next(), 100);
    };
    await next();
  }

  /** The drawn camera is slow enough to need no window. */
  async ackFrame(): Promise<void> {}

  onVerdict(hear: (verdict: VerdictView) => void): Promise<Stop> {
    return listen(this.#verdictHearers, hear);
  }

  onStation(hear: (station: StationView) => void): Promise<Stop> {
    return listen(this.#stationHearers, hear);
  }

  /** As `?passage=turned` asks. */
  onPassage(hear: (passage: Passage) => void): Promise<Stop> {
    const passage = this.wish.get("passage") as Passage["passage"] | null;
    if (passage) setTimeout(() => hear({ entry: "demo", passage, problem: null }), 600);
    return listen(this.#passageHearers, hear);
  }

  /** As `?family` asks. */
  onFamily(hear: (members: FamilyMember[]) => void): Promise<Stop> {
    if (this.wish.has("family")) setTimeout(() => hear(FAMILY), 600);
    return Promise.resolve(() => undefined);
  }

  onUnchecked(_hear: () => void): Promise<Stop> {
    return Promise.resolve(() => undefined);
  }

  /** As `?filled=36.8` asks: a thermometer, and an appointment's slip. */
  onFilled(hear: (filled: Filled) => void): Promise<Stop> {
    const measured = this.wish.get("filled");
    if (measured) {
      setTimeout(() => hear({ field: "temperature", answer: measured }), 600);
      setTimeout(() => hear({ field: "appointment", answer: "YY-20261126-017" }), 700);
    }
    return listen(this.#filledHearers, hear);
  }

  /** As `?slip=failed` asks. */
  onSlip(hear: (slip: SlipNews) => void): Promise<Stop> {
    const printed = this.wish.get("slip") as SlipNews["printed"] | null;
    const trouble = printed === "printed" ? null : { zh: "打印机缺纸，请换上新纸卷", en: "No paper: put in a new roll" };
    if (printed) setTimeout(() => hear({ entry: "demo", printed, trouble }), 600);
    return listen(this.#slipHearers, hear);
  }

  onFound(hear: (seen: FoundBy) => void): Promise<Stop> {
    return listen(this.#foundHearers, hear);
  }

  onTried(): Promise<Stop> {
    return Promise.resolve(() => {});
  }

  onKeys(): Promise<Stop> {
    // A browser's page hears of every key by itself.
    return Promise.resolve(() => {});
  }

  onAdvice(hear: (given: AdviceBy) => void): Promise<Stop> {
    const advice = adviceOf(this.wish);
    if (advice) hear(advice);
    return listen(this.#adviceHearers, hear);
  }
}

async function listen<T>(hearers: Set<(value: T) => void>, hear: (value: T) => void): Promise<Stop> {
  hearers.add(hear);
  return () => hearers.delete(hear);
}
