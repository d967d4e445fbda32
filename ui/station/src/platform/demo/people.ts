import type { ColourName, Decision, FamilyMember, ReasonView, SubjectView, Tier, VerdictView } from "../views";

/** Marks this module in a bundle; `check-bundle.mjs` looks for it. */
export const MARK = "simulated-desk";

const subject = (name: string | null, document: string | null, documentType: string | null): SubjectView => ({
  name,
  document,
  documentType,
  issuerZh: "福建省",
  issuerEn: "Fujian",
});

const failed = (code: string): ReasonView => ({ code, weight: "failed" });
const notChecked = (code: string): ReasonView => ({ code, weight: "notChecked" });
const notice = (code: string): ReasonView => ({ code, weight: "notice" });

interface Sketch {
  decision: Decision;
  reasons: ReasonView[];
  colour: ColourName | null;
  subject: SubjectView;
  methods: string[];
  overturned?: boolean;
  identityMatched?: boolean;
  chipHolds?: boolean;
  done?: VerdictView["done"];
  expectation?: VerdictView["expectation"];
  insideSince?: string;
  elsewhere?: { lane: string; at: string | null; flight: string };
  online?: boolean;
  ageSeconds?: number | null;
  tier?: Tier;
}

const LI = subject("林*明", "3501**********0012", "resident-id");

/** Synthetic encounters, one for each look of the panel. Every person and number is made up. */
export const SKETCHES: Record<string, Sketch> = {
  admit: { decision: "admit", reasons: [], colour: "green", subject: LI, methods: ["code"] },
  matched: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: LI,
    methods: ["code", "card"],
    identityMatched: true,
  },
  chip: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: subject("E*** A*** M****", "L89******", "passport-foreign"),
    methods: ["scanned", "card"],
    chipHolds: true,
  },
  old: {
    decision: "admit",
    reasons: [notice("D-OLD")],
    colour: "green",
    subject: subject("陈*", "8300**********0039", "taiwan-residence"),
    methods: ["typed"],
    online: false,
    ageSeconds: 5 * 3600 + 400,
    tier: "old",
  },
  orange: {
    decision: "refuse",
    reasons: [failed("C-ORA")],
    colour: "orange",
    subject: subject("郑*芳", "3501**********0004", "resident-id"),
    methods: ["code"],
  },
  expired: {
    decision: "refer",
    reasons: [failed("S-EXP")],
    colour: "green",
    subject: subject("黄*", null, null),
    methods: ["code"],
    online: false,
    ageSeconds: 7 * 60,
  },
  forged: {
    decision: "refuse",
    reasons: [failed("S-SIG")],
    colour: null,
    subject: subject(null, null, null),
    methods: ["code"],
    online: false,
    ageSeconds: 7 * 60,
  },
  mismatch: {
    decision: "refer",
    reasons: [failed("I-MIS"), notChecked("C-ONL"), notice("D-OLD")],
    colour: "green",
    subject: subject("王*丽", "3502**********1226", "resident-id"),
    methods: ["code", "card"],
    online: false,
    ageSeconds: 6 * 3600,
    tier: "old",
  },
  stale: {
    decision: "refer",
    reasons: [notChecked("D-STALE")],
    colour: null,
    subject: subject(null, "UTO350*******04", "permanent-residence"),
    methods: ["typed"],
    online: false,
    ageSeconds: 3 * 86_400,
    tier: "tooOld",
  },
  mistyped: {
    decision: "refer",
    reasons: [failed("N-CHK")],
    colour: null,
    subject: subject(null, null, "resident-id"),
    methods: ["typed"],
    online: false,
    ageSeconds: 90,
  },
  corrected: {
    decision: "refuse",
    reasons: [failed("A-WORSE"), failed("C-RED")],
    colour: "red",
    subject: LI,
    methods: ["code"],
    overturned: true,
  },
  inside: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: LI,
    methods: ["code"],
    insideSince: new Date(Date.now() - 5_400_000).toISOString(),
  },
  elsewhere: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: LI,
    methods: ["code", "scanned"],
    elsewhere: { lane: "2 号通道", at: new Date(Date.now() - 600_000).toISOString(), flight: "MF8101" },
  },
  otherpass: {
    decision: "refer",
    reasons: [failed("I-PASS")],
    colour: "green",
    subject: LI,
    methods: ["code", "card", "scanned"],
    expectation: { state: "expected", list: "MF8101", name: "林小明", room: null, nights: null, note: null, flight: "MF8101", seat: "12A" },
  },
  booked: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: LI,
    methods: ["code", "card"],
    expectation: { state: "expected", list: "今晚到店", name: "林小明", room: "1208", nights: 2, note: "高层，两张床", flight: null, seat: null },
  },
  walkin: {
    decision: "admit",
    reasons: [],
    colour: "green",
    subject: LI,
    methods: ["code", "card"],
    expectation: { state: "walkIn" },
  },
  gone: {
    decision: "refuse",
    reasons: [failed("A-WORSE"), failed("C-RED")],
    colour: "red",
    subject: LI,
    methods: ["code"],
    overturned: true,
    done: "admitted",
  },
  long: {
    decision: "refer",
    reasons: [notChecked("N-NONE"), notChecked("C-UNK"), notice("D-OLD")],
    colour: "yellow",
    subject: {
      name: "WOLFESCHLEGELSTEINHAUSENBERGERDORFF-MÜLLER A*",
      document: "E1*************89",
      documentType: "passport-foreign",
      issuerZh: "国家政务服务平台防疫健康信息码（入境人员版）",
      issuerEn: "National platform, code for persons entering China",
    },
    methods: ["code", "card", "typed"],
    online: false,
    ageSeconds: 5 * 3600,
    tier: "old",
  },
};

let count = 0;

/** An encounter as the engine would tell it, `secondsAgo` before now. */
export function verdictOf(name: string, secondsAgo = 0): VerdictView {
  const sketch = SKETCHES[name] ?? SKETCHES["admit"];
  if (!sketch) throw new Error(`no sketch ${name}`);
  count += 1;
  return {
    entry: `01930000-0000-7000-8000-${String(count).padStart(12, "0")}`,
    at: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    online: true,
    ageSeconds: 12,
    tier: "live",
    amends: null,
    overturned: false,
    identityMatched: false,
    chipHolds: false,
    later: false,
    done: null,
    expectation: null,
    insideSince: null,
    elsewhere: null,
    elapsedMs: 140 + ((count * 37) % 90),
    ...sketch,
  };
}

const member = (name: string, digit: string, documentType = "resident-id"): FamilyMember => ({
  id: `35-${digit}`,
  text: digit.repeat(204),
  name,
  documentType,
});

/** Four people under one code. */
export const FAMILY = [member("林*明", "1"), member("陈*", "2"), member("林*", "3"), member("M*** S*****", "4", "passport-foreign")];
