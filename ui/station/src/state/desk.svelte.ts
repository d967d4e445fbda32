import { type Language, language } from "@yanma/shared";
import type {
  Decision,
  DeviceView,
  Done,
  FamilyMember,
  Filled,
  Finished,
  Passage,
  Right,
  Role,
  Scene,
  SceneName,
  Settings,
  Side,
  SlipNews,
  Staff,
  StationView,
  VerdictView,
} from "../platform/views";
import type { Platform, Stop } from "../platform/platform";
import type { Tried } from "../screens/devices/trial";
import type { BurstFacts } from "../wedge";
import type { WedgeListener } from "../wedge-listener";
import { clock } from "./clock.svelte";
import { NOTHING, type Sight } from "./coach";
import { Family } from "./family.svelte";
import { bare } from "./framing";
import { preferences } from "./preferences.svelte";
import { playVerdict } from "./sound";

/** How many verdicts the check screen keeps in reach. */
export const RECENT = 8;

/** How long a person stays on the screen, at least, after something was filled in about them. */
const AT_WORK_SECONDS = 180;

/** How long what a device read waits for the person it is about: a slip may come before the code. */
const KEPT_SECONDS = 120;

/** What the text of a badge begins with. */
const BADGE = "YANMA-BADGE-";

/** What the verdict panel shows. */
export interface Shown {
  readonly verdict: VerdictView;
  /** Not the person at the desk now, but an earlier one looked up again. */
  readonly again: boolean;
  /** The decision that this one overturned. */
  readonly was: Decision | null;
}

/**
 * The desk as the screens see it: what the engine last said, and what is on the panel. It holds no
 * rule about people, codes or data; those come from the engine as values.
 */
export class Desk {
  station = $state.raw<StationView | null>(null);
  settings = $state.raw<Settings | null>(null);
  shown = $state.raw<Shown | null>(null);
  recent = $state.raw<VerdictView[]>([]);
  /** What this place asks and does. */
  scene = $state.raw<Scene | null>(null);
  scenes = $state.raw<SceneName[]>([]);
  staff = $state.raw<Staff | null>(null);
  /** What was written down last about the person who just went on. */
  finished = $state.raw<Finished | null>(null);
  /** What the turnstile's arm did last; gone with the next verdict. */
  passage = $state.raw<(Passage & { before: boolean }) | null>(null);
  /** What came of the last slip. One that did not come out stays until somebody has seen it. */
  slip = $state.raw<SlipNews | null>(null);
  /** The register is wanted for whoever was just let in. */
  wantsGuest = $state(false);
  /** A family's code, of which it is to be said who is here. */
  family = $state.raw<Family | null>(null);
  /** What a device read last for a field of the form. */
  filled = $state.raw<Filled | null>(null);
  /** What it read before anybody was there, by field: the next person's. */
  kept = $state.raw<Record<string, string>>({});
  /** What the camera of each side sees. */
  sees = $state.raw<Record<Side, Sight>>({ guest: NOTHING, document: NOTHING });
  /** The last reading that gave no verdict, as when only part of a code came. */
  unfinished = $state(false);
  /** The last reading could not be checked. */
  unchecked = $state(false);
  lastBurst = $state.raw<BurstFacts | null>(null);
  /** Somebody tries a scanner: what it types is nobody's. */
  trying = $state(false);
  /** What came of the trial symbols last. */
  tried = $state.raw<Tried | null>(null);
  /** The desk could not be opened, or the engine not be reached at all. */
  broken = $state<unknown>(null);

  /** Who hears of the keys that the engine took before an input method had them. */
  keys: WedgeListener["take"] = () => {};

  #receivedAt = $state(0);
  #stops: Stop[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  /** What was filled in about whoever is at the desk, by entry, and not yet written down. */
  readonly #answers = new Map<string, Record<string, string>>();

  constructor(readonly platform: Platform) {}

  /** Seconds since the data was true, counted on between two messages of the engine. */
  get ageSeconds(): number | null {
    const age = this.station?.ageSeconds ?? null;
    return age === null ? null : age + Math.max(0, Math.floor((clock.now - this.#receivedAt) / 1000));
  }

  /** The camera of a side, or what stands in for it. */
  camera(side: Side): DeviceView | null {
    return this.station?.devices.find((device) => device.side === side) ?? null;
  }

  #see(side: Side, change: Partial<Sight>): void {
    this.sees = { ...this.sees, [side]: { ...this.sees[side], ...change } };
  }

  /** Whether whoever is at the desk may do this. The engine decides; this spares them the try. */
  may(right: Right): boolean {
    return this.staff?.rights.includes(right) ?? false;
  }

  async start(): Promise<void> {
    const { platform } = this;
    this.broken = null;
    try {
      await platform.openDesk();
      // Ears first: nothing said while asking for the state may be missed.
      this.#stops = await Promise.all([
        platform.onVerdict((verdict) => this.hear(verdict)),
        platform.onStation((station) => this.#take(station)),
        platform.onFound(({ side, found }) => this.#see(side, { found })),
        platform.onPassage((passage) => this.#pass(passage)),
        platform.onFamily((members) => this.meet(members)),
        platform.onUnchecked(() => this.miss()),
        platform.onFilled((filled) => this.#fill(filled)),
        platform.onSlip((slip) => {
          this.slip = slip;
        }),
        platform.onAdvice(({ side, advice }) => this.#see(side, { advice })),
        platform.onTried((tried) => {
          // What was typed is heard here, and told more exactly.
          if (tried.via !== "wedge") this.tried = tried;
        }),
        platform.onKeys(({ keys, begins }) => this.keys(keys, begins)),
      ]);
      const [settings, station, scene, scenes, staff] = await Promise.all([
        platform.settings(),
        platform.station(),
        platform.scene(),
        platform.scenes(),
        platform.staff(),
      ]);
      [this.scene, this.scenes, this.staff] = [scene, scenes, staff];
      await this.#settle(settings);
      this.#take(station);
      if (station.enrolled && !station.signInNeeded) await this.#lookBackAtLast();
    } catch (error) {
      this.broken = error;
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#keeping);
  }

  /** A verdict about the person at the desk. The same entry may come twice: by answer and event. */
  hear(verdict: VerdictView): void {
    const known = this.recent.find((r) => r.entry === verdict.entry);
    if (known && JSON.stringify(known) === JSON.stringify(verdict)) return;
    // Shown once more: it says nothing new to whoever is at work on the form below it.
    const same = known && JSON.stringify({ ...known, elapsedMs: verdict.elapsedMs, later: verdict.later }) === JSON.stringify(verdict);
    if (same && this.shown?.verdict.entry === verdict.entry && !this.shown.again) {
      this.atWork();
      return;
    }
    // Another word has taken its place already.
    if (this.recent.some((r) => r.amends === verdict.entry)) return;
    const on = this.shown?.verdict;
    const amended = verdict.amends ? this.recent.find((r) => r.entry === verdict.amends) : (on ?? this.recent[0]);
    const before = verdict.overturned ? (amended ?? null) : null;
    const was = before && before.decision !== verdict.decision ? before.decision : null;
    this.recent = [verdict, ...this.recent.filter((r) => r.entry !== verdict.entry)].slice(0, RECENT);
    // Of a family the list says what came of each.
    const row = this.family?.rowOf(verdict);
    if (row) row.verdict = verdict;
    // Whoever it is about may have gone, and somebody else stand there: only what is worse is told.
    const isGone = verdict.later && on?.entry !== verdict.amends;
    if (isGone && !verdict.overturned) return;
    this.unfinished = this.unchecked = false;
    this.finished = null;
    this.passage = null;
    if (this.slip?.printed === "printed") this.slip = null;
    if (this.family?.busy) return;
    if (!row) this.family = null;
    if (!isGone) this.#carry(verdict);
    this.#show({ verdict, again: false, was });
    const stands = verdict.later && on?.decision === verdict.decision;
    if (this.settings?.sound && !stands) playVerdict(verdict.decision);
  }

  /** A family's code was read. The same family again, as a phone renews its codes, goes on. */
  meet(members: readonly FamilyMember[]): void {
    this.unfinished = this.unchecked = false;
    const before = this.family;
    const same = before?.isOf(members) ?? false;
    if (before && same && (before.begun || before.busy)) {
      before.renew(members);
      return;
    }
    this.clear();
    this.family = new Family(members);
    if (before && same) this.family.keepTicks(before);
  }

  /**
   * Has those checked who are said to be here, each by their own code and with an entry of their
   * own; before a turnstile one at a time, because one goes through at a time.
   */
  async checkFamily(): Promise<void> {
    const { family } = this;
    if (!family) return;
    const alone = Boolean(this.settings?.turnstile);
    const heard: VerdictView[] = [];
    family.busy = true;
    try {
      for (const row of alone ? family.waiting.slice(0, 1) : family.waiting) {
        row.verdict = await this.platform.presentText(row.member.text, "wedge");
        if (row.verdict) heard.push(row.verdict);
      }
    } finally {
      family.busy = false;
    }
    if (alone && heard[0]) this.openMember(heard[0]);
    const worst = (["refuse", "refer", "admit"] as const).find((each) => heard.some(({ decision }) => decision === each));
    if (this.settings?.sound && worst) playVerdict(worst);
  }

  /** Something was shown and could not be checked: whoever is on the screen is not who showed it. */
  miss(): void {
    this.clear();
    this.unchecked = true;
    this.#returnAfter(preferences.returnSeconds);
  }

  /** Goes on with one of the family. */
  openMember(verdict: VerdictView): void {
    this.#carry(verdict);
    this.#show({ verdict, again: false, was: null });
  }

  /** The family has gone on. */
  closeFamily(): void {
    this.family = null;
    this.clear();
  }

  async presentText(text: string): Promise<void> {
    const badge = bare(text, this.settings);
    if (badge.startsWith(BADGE)) {
      this.staff = await this.platform.signInByBadge(badge);
      this.unchecked = false;
      await this.#lookBackAtLast();
      return;
    }
    const start = performance.now();
    const before = this.filled;
    const verdict = await this.platform.presentText(text, "wedge").catch((error: unknown) => {
      this.miss();
      throw error;
    });
    if (verdict) {
      this.hear(verdict);
      measurePaint(start);
    } else if (this.filled === before) this.unfinished = true;
  }

  async presentNumber(documentType: string, number: string): Promise<VerdictView> {
    const verdict = await this.platform.presentNumber(documentType, number);
    this.hear(verdict);
    return verdict;
  }

  /** Shows an earlier verdict, marked as such. Without one named: the last. */
  lookBack(verdict: VerdictView | undefined = this.recent[0]): void {
    if (verdict) this.#show({ verdict, again: true, was: null });
  }

  /** What was filled in about them so far. */
  answers(entry: string): Record<string, string> | undefined {
    return this.#answers.get(entry);
  }

  /** Something was filled in: it outlives a further word on the same person. */
  fillIn(entry: string, answers: Record<string, string>): void {
    this.#answers.set(entry, answers);
    this.atWork();
  }

  /** A device read an answer: of whoever is shown, or else of whoever comes next. */
  #fill(filled: Filled): void {
    this.filled = filled;
    this.unfinished = this.unchecked = false;
    const answer = { [filled.field]: filled.answer };
    if (this.shown && !this.shown.again) {
      const { entry } = this.shown.verdict;
      this.fillIn(entry, { ...this.answers(entry), ...answer });
      return;
    }
    this.#keep({ ...this.kept, ...answer });
  }

  #keep(answers: Record<string, string>): void {
    this.kept = answers;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => (this.kept = {}), KEPT_SECONDS * 1000);
  }

  /** Somebody is at work on whoever is shown: the screen does not return under their hands. */
  atWork(): void {
    if (this.shown) this.#returnAfter(Math.max(preferences.returnSeconds, AT_WORK_SECONDS));
  }

  /** Answers go over to the entry that puts theirs right; those of other people are forgotten. */
  #carry({ entry, amends }: VerdictView): void {
    const answers = this.#answers.get(entry) ?? this.#answers.get(amends ?? entry);
    this.#answers.clear();
    if (answers) this.#answers.set(entry, answers);
    else if (Object.keys(this.kept).length > 0) this.fillIn(entry, this.kept);
    this.kept = {};
  }

  /** Ready for the next person. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#answers.clear();
    this.shown = null;
    this.unfinished = this.unchecked = false;
    this.finished = null;
    this.kept = {};
  }

  /** Writes down what was done, and is ready for the next person. */
  async finish(entry: string, done: Done): Promise<void> {
    const finished = await this.platform.finish(entry, done);
    const row = this.family?.rows.find(({ verdict }) => verdict?.entry === entry);
    if (row) row.done = true;
    this.clear();
    this.finished = finished;
  }

  /** Prints a slip once more, after whatever kept it was put right. */
  async printAgain(entry: string): Promise<void> {
    this.slip = null;
    await this.platform.printSlip(entry);
  }

  async signIn(id: string, pin: string): Promise<void> {
    this.staff = await this.platform.signIn(id, pin);
    this.unchecked = false;
    await this.#lookBackAtLast();
  }

  /** The last verdicts are shown to whoever works here. */
  async #lookBackAtLast(): Promise<void> {
    this.recent = await this.platform.lastVerdicts(RECENT);
  }

  async signOut(): Promise<void> {
    this.staff = await this.platform.signOut();
    this.clear();
  }

  async setOperator(id: string, name: string, role: Role, pin: string | null): Promise<void> {
    this.staff = await this.platform.setOperator(id, name, role, pin);
  }

  async retireOperator(id: string): Promise<void> {
    this.staff = await this.platform.retireOperator(id);
  }

  async save(change: Partial<Settings>): Promise<void> {
    if (!this.settings) return;
    await this.#settle(await this.platform.saveSettings({ ...this.settings, ...change }));
    this.scene = await this.platform.scene();
  }

  /** Turns the screens to a language; if it stood second, the one before stands second now. */
  async speak(chosen: Language): Promise<void> {
    if (chosen === language.second) preferences.set({ second: language.current });
    await this.save({ language: chosen });
  }

  async enrol(url: string, code: string, stationName: string): Promise<void> {
    this.#take(await this.platform.enrol(url, code, stationName));
    await this.#settle(await this.platform.settings());
    // The authority says what kind of place this is.
    [this.scene, this.scenes] = await Promise.all([this.platform.scene(), this.platform.scenes()]);
  }

  async syncNow(): Promise<void> {
    this.#take(await this.platform.syncNow());
  }

  /** Whoever went through is done with, and the next person may come. */
  #pass(passage: Passage): void {
    if (passage.passage === "turned" && this.shown?.verdict.entry === passage.entry) this.clear();
    const shown = this.shown?.verdict;
    const same = !shown || shown.overturned || shown.entry === passage.entry;
    this.passage = { ...passage, before: !same };
  }

  #take(station: StationView): void {
    this.station = station;
    this.#receivedAt = Date.now();
  }

  async #settle(settings: Settings): Promise<void> {
    this.settings = settings;
    // A language whose texts cannot be had leaves the one in force: no reason to close the desk.
    await language.choose(settings.language).catch(() => undefined);
  }

  #show(shown: Shown): void {
    this.shown = shown;
    this.#returnAfter(preferences.returnSeconds);
  }

  #returnAfter(seconds: number): void {
    clearTimeout(this.#timer);
    if (preferences.returnSeconds > 0) {
      this.#timer = setTimeout(() => this.clear(), seconds * 1000);
    }
  }
}

/** Keeps for the browser's own tools how long it took from a text to the painted verdict. */
function measurePaint(start: number): void {
  // The second frame begins when the first, with the verdict in it, has been painted.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => performance.measure("verdict-painted", { start })),
  );
}
