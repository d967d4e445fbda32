import type { Decision } from "../platform/views";

/** One note: when it starts (s), how long (s), how high (Hz), its timbre. */
type Note = readonly [start: number, length: number, pitch: number, wave: OscillatorType];

/**
 * Three signatures that differ in direction and rhythm, not only in pitch: rising pair, falling pair
 * held long, three even pulses.
 */
const NOTES: Record<Decision, readonly Note[]> = {
  admit: [
    [0, 0.09, 659, "sine"],
    [0.1, 0.16, 988, "sine"],
  ],
  refuse: [
    [0, 0.2, 311, "triangle"],
    [0.22, 0.36, 208, "triangle"],
  ],
  refer: [
    [0, 0.09, 494, "triangle"],
    [0.16, 0.09, 494, "triangle"],
    [0.32, 0.09, 494, "triangle"],
  ],
};

const LOUDNESS = 0.35;

/** How long the sound system is kept awake after a tone: waking it delays the next one. */
const AWAKE_MS = 10_000;

let context: AudioContext | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;

/** Sounds a verdict. A machine without sound, or a web view that forbids it, stays silent. */
export function playVerdict(decision: Decision): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  const audio = context;
  // It renders silence while it is awake, which costs more than all else on a desk where nobody is.
  clearTimeout(silence);
  silence = setTimeout(() => void audio.suspend(), AWAKE_MS);
  void audio.resume().then(() => {
    for (const [start, length, pitch, wave] of NOTES[decision]) sound(audio, start, length, pitch, wave);
  }, () => undefined);
}

function sound(audio: AudioContext, ...[start, length, pitch, wave]: Note): void {
  const from = audio.currentTime + start;
  const tone = new OscillatorNode(audio, { type: wave, frequency: pitch });
  const gain = new GainNode(audio, { gain: 0 });
  // Edges of a hundredth of a second, so that no loudspeaker clicks.
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.01);
  gain.gain.setValueAtTime(LOUDNESS, from + length - 0.02);
  gain.gain.linearRampToValueAtTime(0, from + length);
  tone.connect(gain).connect(audio.destination);
  tone.start(from);
  tone.stop(from + length);
}
