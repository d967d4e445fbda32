import type { Flight, Guest, GuestForm, Inside, Lane, List, Listed, Missing } from "../views";

/** Tonight's arrivals and the register of the simulated desk. Everybody is made up. */

const today = new Date().toISOString().slice(0, 10);

const listed = (line: number, name: string, change: Partial<Listed> = {}): Listed => ({
  line,
  name,
  documentType: "resident-id",
  document: `3501**********00${String(line).padStart(2, "0")}`,
  room: String(1200 + line),
  nights: 1 + (line % 3),
  flight: null,
  seat: null,
  note: null,
  problem: null,
  decision: "admit",
  reasons: [],
  arrivedAt: null,
  ...change,
});

export const ARRIVALS: List = { id: "list-1", name: "今晚到店", day: today, people: 9, checked: 6, arrived: 2 };

export const LISTED: Listed[] = [
  listed(2, "林小明", { arrivedAt: new Date(Date.now() - 3_600_000).toISOString() }),
  listed(3, "陈建国", { arrivedAt: new Date(Date.now() - 1_200_000).toISOString() }),
  listed(4, "郑小芳", { decision: "refuse", reasons: ["C-ORA"], note: "高层，两张床" }),
  listed(5, "欧阳雪"),
  listed(6, "ERIKSSON ANNA MARIA", { documentType: "passport-foreign", document: "L8*****C3", decision: "refer", reasons: ["N-NONE"] }),
  listed(7, "张三", { document: null, documentType: null, decision: null, problem: "no-document" }),
  listed(8, "林小明", { decision: null, problem: "twice 2" }),
  listed(9, "黄丽", { decision: null, document: null, documentType: null, problem: "document" }),
  listed(10, "吴天宝"),
];

export const FLIGHTS: Flight[] = [
  { flight: "MF8101", expected: 168, checked: 141, missing: 27, unlisted: 3, crew: 8, staff: 0 },
  { flight: "MF8237", expected: 92, checked: 92, missing: 0, unlisted: 0, crew: 6, staff: 1 },
  { flight: "CZ3962", expected: 180, checked: 34, missing: 146, unlisted: 0, crew: 0, staff: 0 },
  { flight: "3U8902", expected: 0, checked: 0, missing: 0, unlisted: 12, crew: 0, staff: 0 },
];

/** Who of a flight's list has not come: as many as there is room for. */
export const MISSING: Missing[] = ["林*明", "陈*国", "郑*芳", "欧**", "E***A", "吴*宝", "黄*", "L*e"].map((name, at) => ({
  name,
  document: at % 4 === 3 ? null : `3501**********00${String(at + 10)}`,
  seat: `${12 + Math.floor(at / 3)}${"ACF"[at % 3]}`,
}));

export const INSIDE: Inside[] = ["林*明", "陈*国", "E***A", null, "欧**", "吴*宝"].map((name, at) => ({
  entry: `inside-${at}`,
  name,
  document: name ? `3501**********00${at + 10}` : null,
  cameAt: new Date(Date.now() - (at + 1) * (at === 5 ? 8_000_000 : 1_500_000)).toISOString(),
}));

const guest = (n: number, name: string, room: string, change: Partial<Guest> = {}): Guest => ({
  id: `guest-${n}`,
  party: `guest-${n}`,
  name,
  documentType: "resident-id",
  document: "3501**********0012",
  nationality: "CHN",
  room,
  arrivedAt: new Date(Date.now() - n * 2_700_000).toISOString(),
  due: today,
  leftAt: null,
  reportDueAt: null,
  reportedAt: null,
  ...change,
});

export const GUESTS: Guest[] = [
  guest(1, "林小明", "1208"),
  guest(2, "ERIKSSON ANNA MARIA", "1206", {
    documentType: "passport-foreign",
    document: "L8*****C3",
    nationality: "UTO",
    reportDueAt: new Date(Date.now() + 60_000_000).toISOString(),
  }),
  guest(3, "陈建国", "0912"),
  guest(4, "SMITH JOHN", "0305", {
    documentType: "passport-foreign",
    document: "54*****01",
    nationality: "GBR",
    reportDueAt: new Date(Date.now() + 20_000_000).toISOString(),
    reportedAt: new Date(Date.now() - 4_000_000).toISOString(),
  }),
];

export const DRAFT: GuestForm = {
  name: "林小明",
  documentType: "resident-id",
  document: "350100190001010012",
  sex: "female",
  born: "1900-01-01",
  nationality: "CHN",
  ethnicity: "",
  address: "",
  room: "",
  nights: "",
};

/** Two other lanes, of which one may be silent. */
export function lanesOf(wish: URLSearchParams): Lane[] | null {
  const wished = wish.get("lanes");
  if (wished === null) return null;
  if (wished === "alone") return [];
  const lane = (name: string, secondsAgo: number): Lane => ({
    name,
    heardAt: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    isSilent: secondsAgo > 15,
  });
  return [lane("2 号通道", 2), lane("3 号通道", wished === "silent" ? 1260 : 1)];
}
