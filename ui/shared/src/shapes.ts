/**
 * The drawings of `Shape.svelte`. `fill` and `line` take the text colour; `cut` is a line in the
 * ground's colour, `--shape-ground`. Verdict shapes differ in outline, not only in what is inside:
 * circle, octagon and triangle are told apart from two metres and without colour.
 */
export interface Drawing {
  /** Side of the square view box. */
  readonly box: number;
  readonly fill?: readonly string[];
  readonly line?: readonly string[];
  readonly cut?: readonly string[];
  readonly cutFill?: readonly string[];
  /** Stroke width of `line` and `cut`, in view-box units. */
  readonly stroke: number;
}

const small = (...line: string[]): Drawing => ({ box: 24, line, stroke: 1.9 });

export const SHAPES = {
  admit: {
    box: 100,
    fill: ["M50 4a46 46 0 1 1 0 92a46 46 0 1 1 0-92z"],
    cut: ["M28 52l16 16 29-33"],
    stroke: 11,
  },
  refuse: {
    box: 100,
    fill: ["M31 4h38l27 27v38l-27 27h-38l-27-27v-38z"],
    cut: ["M27 50h46"],
    stroke: 15,
  },
  refer: {
    box: 100,
    fill: ["M43.5 9.5a7.5 7.5 0 0 1 13 0l39 70a7.5 7.5 0 0 1-6.5 11.5h-78a7.5 7.5 0 0 1-6.5-11.5z"],
    cut: ["M38 48v14", "M46 39v20", "M54 39v20", "M62 46v16", "M64 71l9-9.5"],
    cutFill: ["M35 58h30v11a15 15 0 0 1-30 0z"],
    stroke: 6,
  },
  idle: {
    box: 100,
    line: [
      "M12 14h30a5 5 0 0 1 5 5v62a5 5 0 0 1-5 5h-30a5 5 0 0 1-5-5v-62a5 5 0 0 1 5-5z",
      "M24 79h6",
      "M15 28h8v8h-8z",
      "M31 28h8v8h-8z",
      "M15 44h8v8h-8z",
      "M31 44h3M39 44v3M31 52h3M39 52v.1",
      "M15 62h24",
      "M60 34h30a5 5 0 0 1 5 5v28a5 5 0 0 1-5 5h-30a5 5 0 0 1-5-5v-28a5 5 0 0 1 5-5z",
      "M63 44h10M63 52h7M63 62h24",
      "M80 42h7v10h-7z",
    ],
    stroke: 1.5,
  },
  check: small("M4 8v-4h4", "M16 4h4v4", "M20 16v4h-4", "M8 20h-4v-4", "M8.5 12.5l2.5 2.5 4.5-5.5"),
  log: small("M5 5.5h14", "M5 12h14", "M5 18.5h9"),
  devices: small("M4 8h3.5l1.5-2.5h6l1.5 2.5h3.5v11h-16z", "M12 16.2a3.1 3.1 0 1 0 0-6.2a3.1 3.1 0 0 0 0 6.2z"),
  settings: small("M4 7h9M18 7h2", "M4 17h3M12 17h8", "M15.5 4.7v4.6", "M9.5 14.7v4.6"),
  guests: small("M9 11.5a3.2 3.2 0 1 0 0-6.4a3.2 3.2 0 0 0 0 6.4z", "M3.5 19.5c0-3.4 2.4-5.4 5.5-5.4s5.5 2 5.5 5.4", "M15.5 5.6a3 3 0 0 1 0 5.6", "M17.2 14.5c2 .7 3.3 2.5 3.3 5"),
  shift: small("M4.5 20v-6h4v6z", "M10 20v-11h4v11z", "M15.5 20v-15.5h4v15.5z", "M3 20.5h18"),
  search: small("M10.5 17a6.5 6.5 0 1 0 0-13a6.5 6.5 0 0 0 0 13z", "M15.5 15.5l5 5"),
  online: small("M5 12.5l4.5 4.5 9.5-10"),
  offline: small("M6 6l12 12", "M18 6l-12 12"),
  connecting: small("M6 12h.1", "M12 12h.1", "M18 12h.1"),
  clock: small("M12 20.5a8.5 8.5 0 1 0 0-17a8.5 8.5 0 0 0 0 17z", "M12 7v5.2l3.3 2"),
  outbox: small("M12 15v-10.5", "M7.5 8.5l4.5-4.5 4.5 4.5", "M4.5 14v5.5h15v-5.5"),
  notice: small("M12 4l9 16h-18z", "M12 10v4.5", "M12 17.2v.1"),
  person: small("M12 11.5a3.7 3.7 0 1 0 0-7.4a3.7 3.7 0 0 0 0 7.4z", "M4.5 20c.7-3.8 3.6-5.8 7.5-5.8s6.8 2 7.5 5.8"),
  place: small("M12 21s-6.5-5.7-6.5-11a6.5 6.5 0 0 1 13 0c0 5.3-6.5 11-6.5 11z", "M12 12.2a2.2 2.2 0 1 0 0-4.4a2.2 2.2 0 0 0 0 4.4z"),
  speech: small("M4 5h16v11h-9l-4.5 4v-4h-2.5z", "M8 9h8M8 12.2h5"),
  globe: small("M12 20.5a8.5 8.5 0 1 0 0-17a8.5 8.5 0 0 0 0 17z", "M3.5 12h17", "M12 3.5c2.5 2.4 3.7 5.2 3.7 8.5s-1.2 6.1-3.7 8.5", "M12 3.5c-2.5 2.4-3.7 5.2-3.7 8.5s1.2 6.1 3.7 8.5"),
  folder: small("M3.5 6h6l2 2.5h9v10.5h-17z"),
  serial: small("M7 4v5M17 4v5", "M4.5 9h15v4a7.5 7.5 0 0 1-15 0z", "M12 20.5v1"),
  chip: small("M5 6.5h14v11h-14z", "M9.5 6.5v11M14.5 6.5v11", "M5 12h4.5M14.5 12h4.5"),
  card: small("M3.5 5.5h17v13h-17z", "M9 12.3a2 2 0 1 0 0-4a2 2 0 0 0 0 4z", "M6 15.8c.3-1.6 1.4-2.4 3-2.4s2.7.8 3 2.4", "M14.5 9.5h3.5M14.5 13h3.5"),
  wedge: small("M3.5 7h17v10.5h-17z", "M7 11h.1M10.3 11h.1M13.6 11h.1M17 11h.1", "M8 14.5h8"),
  next: small("M5 12h13.5", "M13 6.5l5.5 5.5-5.5 5.5"),
  back: small("M19 12h-13.5", "M11 6.5l-5.5 5.5 5.5 5.5"),
  download: small("M12 4v11", "M7.5 10.5l4.5 4.5 4.5-4.5", "M4.5 20h15"),
  print: small("M7 9v-5h10v5", "M7 17h-3v-8h16v8h-3", "M7 14h10v6h-10z"),
  swap: small("M8 19.5v-15", "M4.5 8l3.5-3.5 3.5 3.5", "M16 4.5v15", "M12.5 16l3.5 3.5 3.5-3.5"),
  lock: small("M6 11h12v9h-12z", "M8.5 11v-3a3.5 3.5 0 0 1 7 0v3", "M12 14.5v2"),
  amended: small("M4.5 12a7.5 7.5 0 1 1 2.2 5.3", "M4.5 19.5v-4h4"),
} as const satisfies Record<string, Drawing>;

/** A drawing's name. */
export type ShapeName = keyof typeof SHAPES;
