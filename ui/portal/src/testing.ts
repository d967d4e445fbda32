/** An authority for tests of screens: answers what it is told to, and counts. */
import { mount, unmount, flushSync, type Component } from "svelte";
import type { Authority, Refusal } from "./api";
import { Router } from "./route.svelte";
import type { ScreenProps } from "./screens/props";
import { Session } from "./session.svelte";
import type {
  Account,
  Appeal,
  ColourHistory,
  FamilyClaim,
  FamilyMember,
  Holder,
  Origin,
  Paper,
  Person,
  Registration,
  Relation,
  Shown,
} from "./wire";

const ACCOUNT: Account = {
  name_masked: "林*安",
  document_masked: "3501**********0012",
  document_type: "resident-id",
  level: "register-match",
};

export class FakeAuthority implements Authority {
  /** Thrown by the next calls while set. */
  refusal: Refusal | null = null;
  holder: Holder | null = null;
  shows = 0;
  registered: Registration | null = null;
  claimed: Origin | null = null;
  members: FamilyMember[] = [];
  claimedFor: FamilyClaim | null = null;
  /** The papers in force, by member; one's own is under "". */
  papers = new Map<string, Paper>();
  contested: Appeal[] = [];
  /** The histories, by member; one's own is under "". */
  histories = new Map<string, ColourHistory>();

  #unlessRefused<T>(value: T): Promise<T> {
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve(value);
  }

  register(registration: Registration): Promise<Account> {
    this.registered = registration;
    return this.#unlessRefused(ACCOUNT);
  }

  login = () => this.#unlessRefused(ACCOUNT);
  logout = () => this.#unlessRefused(undefined);
  me = () => this.#unlessRefused({ account: ACCOUNT, holder: this.holder });

  claim(from: Origin): Promise<Holder> {
    this.claimed = from;
    if (!this.refusal) this.holder ??= holderOf("green");
    return this.#unlessRefused(this.holder ?? holderOf("green"));
  }

  family = () => this.#unlessRefused(this.members);

  claimForFamily(claim: FamilyClaim): Promise<FamilyMember> {
    this.claimedFor = claim;
    const member = memberOf(claim.relation, String(this.members.length + 1));
    if (!this.refusal) this.members = [...this.members, member];
    return this.#unlessRefused(member);
  }

  withdraw(member: string | null): Promise<void> {
    if (!this.refusal && member === null) this.holder = null;
    if (!this.refusal) this.members = this.members.filter(({ id }) => id !== member);
    return this.#unlessRefused(undefined);
  }

  paper = (member: string | null) => this.#unlessRefused(this.papers.get(member ?? "") ?? null);

  makePaper(member: string | null): Promise<Paper> {
    const paper: Paper = {
      issued_at: "2020-07-10T02:00:00Z",
      expires_at: "2021-01-06T02:00:00Z",
      name_masked: ACCOUNT.name_masked,
      document_masked: ACCOUNT.document_masked,
      colour: "green",
    };
    if (!this.refusal) this.papers.set(member ?? "", paper);
    return this.#unlessRefused(paper);
  }

  withdrawPaper(member: string | null): Promise<boolean> {
    const was = this.refusal === null && this.papers.delete(member ?? "");
    return this.#unlessRefused(was);
  }

  sendSms = () => this.#unlessRefused(undefined);
  checkSms = (code: string) => this.#unlessRefused<Account>({ ...ACCOUNT, level: code === "123456" ? "sms" : ACCOUNT.level });
  compareFace = () => this.#unlessRefused({ ...ACCOUNT, level: "face" as const });
  history = (member: string | null) =>
    this.#unlessRefused(this.histories.get(member ?? "") ?? { periods: [], complete: true });
  appeals = () => this.#unlessRefused(this.contested);

  appeal(member: string | null, words: string): Promise<Appeal> {
    const opened = appealOf("open", member, words);
    if (!this.refusal) this.contested = [opened, ...this.contested];
    return this.#unlessRefused(opened);
  }

  show(member: string | null): Promise<Shown> {
    this.shows += 1;
    const now = Date.now();
    const whose = this.members.find(({ id }) => id === member);
    const person: Person = whose ?? ACCOUNT;
    return this.#unlessRefused({
      text: `HTTPS://YM.TEST/${"7".repeat(222)}${this.shows % 10}`,
      colour: (whose?.holder ?? this.holder)?.colour ?? "green",
      amber_name: "orange",
      name_masked: person.name_masked,
      document_masked: person.document_masked,
      issued_at: new Date(now).toISOString(),
      expires_at: new Date(now + 60_000).toISOString(),
      lifetime_seconds: 60,
      shown_count: this.shows,
    });
  }
}

export function appealOf(state: Appeal["state"], member: string | null, words: string): Appeal {
  const decided = state !== "open";
  return {
    id: `${state}-${words.length}`,
    state,
    words,
    opened_at: "2020-07-08T02:00:00Z",
    decided_at: decided ? "2020-07-09T02:00:00Z" : null,
    answer: decided ? "已核对医院记录。" : null,
    set_aside: false,
    member,
  };
}

export function memberOf(
  relation: Relation,
  tail: string,
  colour: Holder["colour"] = "green",
): FamilyMember {
  return {
    id: `0000000${tail}`.slice(-8),
    relation,
    name_masked: "陈*英",
    document_masked: `3501**********000${tail}`,
    document_type: "resident-id",
    holder: holderOf(colour),
  };
}

export function holderOf(colour: Holder["colour"]): Holder {
  return {
    colour,
    amber_name: "orange",
    since: "2020-07-07T02:00:00Z",
    because:
      colour === "amber"
        ? [
            {
              kind: "fever-clinic",
              reason: { zh: "14 天内曾到发热门诊就诊", en: "Seen at a fever clinic within 14 days" },
              since: "2020-07-07T02:00:00Z",
              until: "2020-07-21T02:00:00Z",
            },
            {
              kind: "something-newer",
              reason: { zh: "有关部门报告的情况", en: "Report by a department" },
              since: "2020-07-08T02:00:00Z",
              until: null,
            },
          ]
        : [],
    shown_count: 0,
    claimed_at: "2020-07-01T02:00:00Z",
    group: "resident",
  };
}

/** A screen in the page, with the few things tests do to it. */
export function open(screen: Component<ScreenProps>, session: Session) {
  const router = new Router(window);
  const app = mount(screen, { target: document.body, props: { session, router } });
  flushSync();
  return {
    router,
    get: (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`),
    text: () => document.body.textContent?.replace(/\s+/g, " ") ?? "",
    close: () => unmount(app),
  };
}

export async function signedIn(authority: FakeAuthority): Promise<Session> {
  const session = new Session(authority);
  await session.load();
  return session;
}

/** Lets answers under way arrive and the screen follow. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  flushSync();
}
