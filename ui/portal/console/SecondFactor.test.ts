import { language } from "@yanma/shared";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refusal } from "../src/api";
import Console from "./Console.svelte";
import type { ConsoleAuthority } from "./authority";
import { Address } from "./places.svelte";
import { ConsoleSession } from "./session.svelte";
import type { Me, Proof } from "./wire";

/** The authority's side: what was set up, what was shown, and with what one calls. */
let state: "to-set-up" | "to-show";
let open: boolean;
let refusal: Refusal | null;
let shown: Proof[];
let confirmed: string[];
let reachable: boolean;
let keys: number;
let app: ReturnType<typeof mount>;
let session: ConsoleSession;
let tab: Map<string, string>;

const ADMINISTRATOR: Omit<Me, "second_factor" | "rights"> = { id: 3, name: "林样本", role: "administrator", sites: [] };
const CODES = ["ABCD-EFGH-JKMN", "0123-4567-89AB"];

function calls(token: string | null): ConsoleAuthority {
  const say = <T>(value: T): Promise<T> => (refusal ? Promise.reject(refusal) : Promise.resolve(value));
  const part: Partial<ConsoleAuthority> = {
    me: () => {
      if (token !== null) return say({ ...ADMINISTRATOR, rights: [], second_factor: state });
      if (!open) return Promise.reject(new Refusal("unauthorised"));
      return say({ ...ADMINISTRATOR, rights: ["see-sites"], second_factor: "shown" });
    },
    setUp: () => {
      keys += 1;
      return say({ secret: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", uri: "otpauth://totp/Yanma:x?secret=ABCD" });
    },
    confirm: (code) => {
      confirmed.push(code);
      if (!refusal) open = true;
      return say({ recovery_codes: CODES, session: { expires_at: "2020-07-10T06:05:00Z", recovery_codes_left: 10 } });
    },
    openSession: (proof) => {
      shown.push(proof);
      if (!refusal) open = true;
      return say({ expires_at: "2020-07-10T06:05:00Z", recovery_codes_left: 9 });
    },
    signOut: () => {
      if (!reachable) return Promise.reject(new Refusal("network"));
      open = false;
      return Promise.resolve();
    },
    sites: () => (open ? Promise.resolve([]) : Promise.reject(new Refusal("unauthorised"))),
  };
  return part as ConsoleAuthority;
}

const get = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);

async function seen(testid: string): Promise<HTMLElement> {
  return vi.waitFor(() => {
    flushSync();
    const element = get(testid);
    if (!element) throw new Error(`${testid} is not there`);
    return element;
  });
}

function type(testid: string, value: string): void {
  const input = get(testid) as HTMLInputElement | null;
  if (!input) throw new Error(`no field ${testid}`);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

const submit = (testid: string) =>
  get(testid)?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));

async function signIn(): Promise<void> {
  await seen("token");
  type("token", "token");
  submit("signin-form");
}

beforeEach(() => {
  language.set("zh-CN");
  window.location.hash = "";
  [state, open, refusal, shown, confirmed, reachable, keys] = ["to-show", false, null, [], [], true, 0];
  tab = new Map();
  session = new ConsoleSession(calls, {
    getItem: (key) => tab.get(key) ?? null,
    setItem: (key, value) => void tab.set(key, value),
    removeItem: (key) => void tab.delete(key),
  });
  app = mount(Console, { target: document.body, props: { session, address: new Address(window) } });
  flushSync();
});

afterEach(() => unmount(app));

it("sets an app up: its key, its first password, the recovery codes, the console", async () => {
  state = "to-set-up";
  await signIn();
  expect((await seen("secret")).textContent).toBe("ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567");
  expect(document.querySelector("svg[role=img]")?.getAttribute("aria-label")).toBe("验证器密钥的二维码");
  const field = get("code") as HTMLInputElement;
  expect(field.getAttribute("autocomplete")).toBe("one-time-code");
  expect(field.getAttribute("inputmode")).toBe("numeric");
  type("code", "123 456");
  submit("confirm-form");
  const codes = await seen("recovery-codes");
  expect(confirmed).toEqual(["123456"]);
  for (const code of CODES) expect(codes.textContent).toContain(code);
  expect(get("signout"), "nobody passes the codes unseen").toBeNull();
  get("kept")?.click();
  await seen("go-sites");
  expect(document.body.textContent).not.toContain(CODES[0]);
  expect(keys).toBe(1);
});

it("opens a session with a password, and says what is wrong with one", async () => {
  await signIn();
  await seen("show-form");
  refusal = new Refusal("second-factor-wrong");
  type("code", "000000");
  submit("show-form");
  await vi.waitFor(() => {
    flushSync();
    expect(document.querySelector("[role=alert]")?.textContent).toContain("动态口令不对");
  });
  expect((get("code") as HTMLInputElement).value, "the next one is typed into an empty field").toBe("");
  refusal = new Refusal("rate-limited", null, 240);
  type("code", "000000");
  submit("show-form");
  await vi.waitFor(() => {
    flushSync();
    expect(get("error")?.textContent).toContain("4 分钟");
  });
  refusal = null;
  type("code", "123456");
  submit("show-form");
  await seen("go-sites");
  expect(shown[2]).toEqual({ code: "123456" });
  expect(get("recovered")).toBeNull();
});

it("takes a recovery code, and says how many are left", async () => {
  await signIn();
  (await seen("lost")).click();
  await seen("recovery");
  type("recovery", " abcd-efgh-jkmn ");
  submit("show-form");
  expect((await seen("recovered")).textContent).toContain("还剩 9 个");
  expect(shown).toEqual([{ recovery_code: "abcd-efgh-jkmn" }]);
  get("renew")?.click();
  (await seen("leave")).click();
  await seen("recovered");
});

it("asks for another password when the session ends, and for the token when that ends", async () => {
  await signIn();
  await seen("code");
  type("code", "123456");
  submit("show-form");
  await seen("go-sites");
  open = false;
  session.expire();
  await seen("show-form");
  expect(document.body.textContent).toContain("登录已到期");
  refusal = new Refusal("unauthorised");
  type("code", "123456");
  submit("show-form");
  await seen("signin-form");
  expect(document.body.textContent).toContain("登录已失效");
});

it("goes on after the page is loaded anew, until one signs out", async () => {
  await signIn();
  await seen("code");
  type("code", "123456");
  submit("show-form");
  await seen("go-sites");
  const again = new ConsoleSession(calls, {
    getItem: (key) => tab.get(key) ?? null,
    setItem: () => {},
    removeItem: (key) => void tab.delete(key),
  });
  await again.resume();
  expect(again.me?.second_factor).toBe("shown");
  get("signout")?.click();
  await seen("signin-form");
  expect(open).toBe(false);
  expect(tab.size).toBe(0);
});

it("says so when signing out does not reach the authority", async () => {
  await signIn();
  await seen("code");
  type("code", "123456");
  submit("show-form");
  await seen("go-sites");
  reachable = false;
  get("signout")?.click();
  await vi.waitFor(() => {
    flushSync();
    expect(document.body.textContent).toContain("两小时内自动失效");
  });
});
