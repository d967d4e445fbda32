import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DemoPlatform } from "../platform/demo/demo";
import { verdictOf } from "../platform/demo/people";
import type { Decision } from "../platform/views";
import { Desk } from "./desk.svelte";

/** What was sounded: when each note begins and ends, how high, which wave. */
let notes: { wave: string; pitch: number; from: number; to: number }[] = [];

/** Whether the sound system is at work. */
let awake = false;

class Loudspeaker {
  readonly currentTime = 0;
  readonly destination = {};
  resume = () => ((awake = true), Promise.resolve());
  suspend = () => ((awake = false), Promise.resolve());
}

class Oscillator {
  readonly #note = { wave: "", pitch: 0, from: NaN, to: NaN };

  constructor(_context: unknown, options: { type: string; frequency: number }) {
    [this.#note.wave, this.#note.pitch] = [options.type, options.frequency];
    notes.push(this.#note);
  }

  connect = <T>(next: T) => next;
  start = (at: number) => (this.#note.from = at);
  stop = (at: number) => (this.#note.to = at);
}

class Gain {
  readonly gain = { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
  connect = <T>(next: T) => next;
}

beforeEach(() => {
  notes = [];
  vi.stubGlobal("AudioContext", Loudspeaker);
  vi.stubGlobal("OscillatorNode", Oscillator);
  vi.stubGlobal("GainNode", Gain);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function heard(sketch: string, sound = true): Promise<typeof notes> {
  const desk = new Desk(new DemoPlatform(new URLSearchParams("camera=off")));
  await desk.start();
  await desk.save({ sound });
  notes = [];
  desk.hear(verdictOf(sketch));
  for (let i = 0; i < 8; i++) await Promise.resolve();
  desk.stop();
  return notes;
}

describe("the tone of a verdict", () => {
  it.each<[Decision, string, string]>([
    ["admit", "admit", "two, rising"],
    ["refuse", "orange", "two, falling"],
    ["refer", "expired", "three, level"],
  ])("of %s is its own", async (decision, sketch, shape) => {
    expect(verdictOf(sketch).decision).toBe(decision);
    const pitches = (await heard(sketch)).map((note) => note.pitch);
    const [first = 0, last = 0] = [pitches[0], pitches.at(-1)];
    const course = first < last ? "rising" : first > last ? "falling" : "level";
    expect(`${pitches.length === 2 ? "two" : "three"}, ${course}`).toBe(shape);
  });

  it("differs in rhythm too, for whoever cannot tell pitches apart", async () => {
    const rhythms = [];
    for (const sketch of ["admit", "orange", "expired"]) {
      rhythms.push((await heard(sketch)).map(({ from, to }) => [from.toFixed(2), (to - from).toFixed(2)].join("+")).join(" "));
    }
    expect(new Set(rhythms).size).toBe(3);
    for (const rhythm of rhythms) expect(rhythm).not.toContain("NaN");
  });

  it("leaves the sound system at rest when no other came for a while", async () => {
    vi.useFakeTimers();
    await heard("admit");
    vi.advanceTimersByTime(9_000);
    await heard("orange");
    vi.advanceTimersByTime(9_000);
    expect(awake).toBe(true);
    vi.advanceTimersByTime(2_000);
    expect(awake).toBe(false);
    vi.useRealTimers();
  });

  it("is not heard where sound is off", async () => {
    expect(await heard("admit", false)).toEqual([]);
  });

  it("is not missed where there is no loudspeaker", async () => {
    vi.stubGlobal("AudioContext", undefined);
    await expect(heard("admit")).resolves.toEqual([]);
  });
});
