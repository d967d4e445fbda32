import type { Action, AuditRow, Decision, Figures, HourCount, Scene, SceneFault, SceneField, SceneName, ScenePath, Staff, Words } from "../views";

/** Scenes, people and a morning of the simulated desk. */

const named = (zh: string, en: string): Words => ({ zh, en });

const path = (operator: Words, guest: Words, actions: Action[], to: Words | null = null): ScenePath => ({
  operator,
  guest,
  to,
  actions,
  slip: to !== null,
});

const field = (id: string, label: Words, kind: SceneField["kind"], change: Partial<SceneField> = {}): SceneField => ({
  id,
  label,
  kind,
  options: [],
  longest: kind === "text" ? 40 : null,
  least: null,
  most: null,
  requiredWhen: [],
  requiredWith: {},
  ...change,
});

const CLINIC = named("发热门诊", "Fever clinic");

const HOSPITAL: Scene = {
  id: "hospital",
  name: named("医院", "Hospital"),
  dignity: true,
  guestRegister: false,
  boardingPass: false,
  countsInside: false,
  admit: path(named("请放行", "Let them in"), named("请进", "Please go in"), ["admitted", "sent"], CLINIC),
  refer: path(named("请引导至发热门诊或人工核对", "Guide to the fever clinic, or check by hand"), named("请随工作人员前往专用通道", "Please follow our staff to the other entrance"), ["sent", "admitted"], CLINIC),
  refuse: path(named("请引导至发热门诊", "Guide to the fever clinic"), named("请随工作人员前往专用通道", "Please follow our staff to the other entrance"), ["sent"], CLINIC),
  fields: [
    field("purpose", named("来院事由", "Purpose"), "choice", {
      options: [
        { id: "clinic", label: named("门诊", "Clinic") },
        { id: "ward", label: named("住院", "Ward") },
        { id: "visit", label: named("探视", "Visit") },
        { id: "carer", label: named("陪护", "Carer") },
      ],
      requiredWhen: ["admitted", "sent"],
    }),
    field("temperature", named("体温", "Temperature"), "temperature", { requiredWhen: ["admitted", "sent"] }),
    field("department", named("科室", "Department"), "choice", {
      options: [
        { id: "internal", label: named("内科", "Internal medicine") },
        { id: "surgery", label: named("外科", "Surgery") },
        { id: "paediatrics", label: named("儿科", "Paediatrics") },
        { id: "obstetrics", label: named("妇产科", "Obstetrics") },
        { id: "emergency", label: named("急诊", "Emergency") },
      ],
    }),
    field("appointment", named("预约号", "Appointment"), "text"),
    field("patient", named("病人床号", "Patient's bed"), "text", {
      requiredWhen: ["admitted"],
      requiredWith: { purpose: ["carer"] },
    }),
  ],
};

const HOTEL: Scene = {
  id: "hotel",
  name: named("酒店", "Hotel"),
  dignity: false,
  guestRegister: true,
  boardingPass: false,
  countsInside: false,
  admit: path(named("请办理入住", "Check the guest in"), named("欢迎入住", "Welcome"), ["admitted", "turnedAway", "left"]),
  refer: path(named("请人工核对证件与健康码", "Check document and code by hand"), named("请稍候，我们为您核对", "One moment, please: we are checking"), ["admitted", "turnedAway", "left"]),
  refuse: path(named("请联系值班经理，并告知申诉途径", "Call the duty manager, and say how to appeal"), named("请稍候，值班经理马上就来", "One moment, please: the duty manager is coming"), ["turnedAway", "left"]),
  fields: [
    field("room", named("房号", "Room"), "text", { longest: 12, requiredWhen: ["admitted"] }),
    field("nights", named("入住晚数", "Nights"), "number", { least: 1, most: 365, requiredWhen: ["admitted"] }),
    field("companions", named("同行人数", "Companions"), "number", { least: 0, most: 30 }),
  ],
};

const GENERAL: Scene = {
  ...HOTEL,
  id: "general",
  guestRegister: false,
  countsInside: true,
  name: named("通用", "General"),
  admit: { ...HOTEL.admit, operator: named("请放行", "Let them in") },
  fields: [],
};

const AIRPORT: Scene = {
  ...HOTEL,
  id: "airport",
  name: named("机场", "Airport"),
  dignity: true,
  guestRegister: false,
  boardingPass: true,
  admit: path(named("请放行", "Let them through"), named("请通过", "Please go through"), ["admitted", "turnedAway"]),
  refer: path(named("请引导至人工柜台", "Guide to the desk"), named("请到人工柜台", "Please go to the desk"), ["sent", "admitted", "turnedAway"]),
  refuse: path(named("请通知防疫人员", "Call the health officer"), named("请到人工柜台", "Please go to the desk"), ["sent", "turnedAway"]),
  fields: [
    field("who", named("身份", "Who"), "choice", {
      options: [
        { id: "passenger", label: named("旅客", "Passenger") },
        { id: "crew", label: named("机组", "Crew") },
        { id: "staff", label: named("员工", "Staff") },
      ],
      requiredWhen: ["admitted"],
    }),
    field("flight", named("航班号", "Flight"), "text", { longest: 8 }),
    field("temperature", named("体温", "Temperature"), "temperature"),
  ],
};

const SCENES = [GENERAL, HOSPITAL, HOTEL, AIRPORT];

export const SCENE_NAMES: SceneName[] = SCENES.map(({ id, name }) => ({ id, name }));

export function sceneOf(id: string): Scene {
  return SCENES.find((scene) => scene.id === id) ?? { ...GENERAL, id };
}

const person = (id: string, name: string, role: Staff["operators"][number]["role"]) => ({
  id,
  name,
  role,
  hasBadge: false,
  retired: false,
});

const CHEN = person("chen", "陈秀英", "administrator");
const LIN = person("lin", "林国强", "supervisor");

export const STAFF: Staff = {
  operators: [CHEN, LIN, person("wang", "王小兰", "operator"), person("zhao", "赵敏", "operator")],
  signedIn: LIN,
  rights: ["check", "see-counts", "search-log", "export-log", "lists", "guests", "export-guests", "override", "see-audit", "settings", "operators", "enrol"],
};

/** An operator has signed in: may do less. */
export const WANG_AT_WORK: Staff = {
  ...STAFF,
  signedIn: STAFF.operators[2] ?? null,
  rights: ["check", "see-counts", "search-log", "lists", "guests"],
};

const MORNING: [number, number, number, number][] = [
  [7, 41, 3, 1],
  [8, 118, 6, 3],
  [9, 131, 9, 2],
  [10, 96, 4, 4],
  [11, 62, 2, 0],
  [12, 0, 0, 0],
  [13, 71, 5, 1],
];

const HOURS: HourCount[] = MORNING.flatMap(([hour, ...counts]) =>
  (["admit", "refer", "refuse"] as const satisfies readonly Decision[]).map((decision, i) => ({
    from: new Date(2020, 6, 1, hour).getTime() / 1000,
    decision,
    operator: hour < 10 ? "wang" : "lin",
    count: counts[i] ?? 0,
    unread: decision === "refer" ? Math.floor((counts[i] ?? 0) / 3) : 0,
  })),
);

export const FIGURES: Figures = {
  hours: HOURS,
  pace: [6.4, 8.2, 11.6, 9.1, 7, 7.7].map((seconds, i) => ({ from: new Date(2020, 6, 1, [7, 8, 9, 10, 11, 13][i]).getTime() / 1000, seconds })),
  medianSeconds: 8.6,
};

export const SCENE_FAULTS: SceneFault[] = [
  { file: "hotel.toml", line: 22, key: "slep", problem: "unknown field `slep`, expected one of `operator`, `guest`, `actions`, `to`, `slip`" },
  { file: "school.toml", line: null, key: null, problem: "larger than 256 KiB" },
];

export const AUDIT: AuditRow[] = [
  { number: 5, at: "2020-07-01T05:31:40Z", operator: "terminal:root", act: "read-log", subject: null, detail: null },
  { number: 4, at: "2020-07-01T05:12:09Z", operator: "lin", act: "override", subject: "0191-…", detail: "lin" },
  { number: 3, at: "2020-07-01T03:40:51Z", operator: "lin", act: "export-log", subject: null, detail: null },
  { number: 2, at: "2020-07-01T02:00:02Z", operator: "lin", act: "sign-in", subject: "lin", detail: "wang" },
  { number: 1, at: "2020-06-30T22:58:37Z", operator: "wang", act: "sign-in", subject: "wang", detail: null },
];
