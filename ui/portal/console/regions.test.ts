import { language } from "@yanma/shared";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal } from "../src/api";
import { KNOWN_REGIONS, inFours, readKey, regionState } from "./regions";
import Regions from "./screens/Regions.svelte";
import type { ConsoleSession } from "./session.svelte";
import type { Region, RegionRequest, RegionsAnswer } from "./wire";

const KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const region = (change: Partial<Region> = {}): Region => ({
  issuer: 33,
  name: { zh: "浙江省", en: "Zhejiang" },
  url: "https://health.example",
  root_key: KEY,
  changed_at: "2020-07-10T00:00:00Z",
  trusted: true,
  code_keys: 1,
  asked_at: "2020-07-10T06:05:00Z",
  list_of: "2020-07-10T06:04:00Z",
  holders: 57_370_000,
  trouble: null,
  ...change,
});

let answer: RegionsAnswer;
let put: { issuer: number; request: RegionRequest }[];
let removed: { issuer: number; reason: string }[];
let refusal: Refusal | null;
let rights: string[];
let app: ReturnType<typeof mount>;
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

const authority = {
  regions: () => Promise.resolve(answer),
  putRegion: (issuer: number, request: RegionRequest) => {
    put.push({ issuer, request });
    return refusal ? Promise.reject(refusal) : Promise.resolve(region());
  },
  removeRegion: (issuer: number, reason: string) => {
    removed.push({ issuer, reason });
    return Promise.resolve();
  },
};

async function open(): Promise<void> {
  const session = { authority, expire: vi.fn(), may: (right: string) => rights.includes(right) };
  app = mount(Regions, { target: document.body, props: { session: session as unknown as ConsoleSession } });
  await vi.waitFor(() => expect(find("own-region")).not.toBeNull());
}

function type(name: string, value: string): void {
  const input = document.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
}

beforeEach(() => {
  language.set("en");
  const own = { issuer: 35, name: { zh: "福建省", en: "Fujian Province" }, root_key: KEY };
  answer = { own, regions: [region()], at: "2020-07-10T06:05:00Z", live_seconds: 900 };
  [put, removed, refusal, rights] = [[], [], null, ["see-regions", "put-regions"]];
});

afterEach(() => void unmount(app));

describe("other regions", () => {
  it("are live for as long as their list is, on both sides of the limit", async () => {
    const at = "2020-07-10T06:15:00Z";
    for (const [list_of, trusted, state] of [
      ["2020-07-10T06:00:00Z", true, "live"],
      ["2020-07-10T05:59:59Z", true, "old"],
      [null, true, "old"],
      [null, false, "new"],
    ] as const) {
      expect(regionState(region({ list_of, trusted }), { at, live_seconds: 900 }), `${list_of}`).toBe(state);
    }
    expect(readKey(inFours(KEY).toUpperCase())).toBe(KEY);
    expect(readKey(KEY.slice(1))).toBeNull();
    expect(KNOWN_REGIONS[0]?.issuer).toBe(0);
    await open();
  });

  it("say what is wrong, in words", async () => {
    answer.regions = [region({ list_of: null, trusted: false, trouble: { kind: "refused", detail: "the signature does not hold" } })];
    await open();
    expect(find("region-33")?.textContent).toContain("Not known yet");
    expect(find("region-trouble")?.textContent).toContain("compare its address and root key");
  });

  it("are added by number, with the key read back in fours", async () => {
    answer.regions = [];
    await open();
    find("region-add")!.click();
    flushSync();
    expect(document.querySelector('option[value="35"]'), "our own is not offered").toBeNull();
    const which = document.querySelector<HTMLSelectElement>("[name=issuer]")!;
    which.querySelectorAll("option").forEach((option) => (option.selected = option.value === "33"));
    which.dispatchEvent(new Event("change", { bubbles: true }));
    flushSync();
    expect(document.querySelector<HTMLInputElement>("[name=zh]")!.value).toBe("浙江省");
    type("url", "https://health.example");
    type("root_key", ` ${KEY.toUpperCase()}`);
    expect(find("region-compare")?.textContent).toContain("d75a 9801");
    type("reason", "agreed in writing");
    refusal = new Refusal("bad-field", "url");
    find("region-put")!.click();
    await vi.waitFor(() => expect(find("region-form")?.textContent).toContain("begins with https://"));
    refusal = null;
    find("region-put")!.click();
    await vi.waitFor(() => expect(find("region-form")).toBeNull());
    expect(put[1]).toEqual({
      issuer: 33,
      request: {
        name: { zh: "浙江省", en: "Zhejiang" },
        url: "https://health.example",
        root_key: KEY,
        reason: "agreed in writing",
      },
    });
  });

  it("end with a reason, and only by whoever may", async () => {
    await open();
    [...document.querySelectorAll("button")].find((button) => button.textContent?.includes("Stop trusting…"))!.click();
    flushSync();
    type("reason", "the treaty ended");
    document.querySelector<HTMLElement>('[data-testid="end"] [type=submit]')!.click();
    await vi.waitFor(() => expect(removed).toEqual([{ issuer: 33, reason: "the treaty ended" }]));
    await unmount(app);
    rights = ["see-regions"];
    await open();
    expect(find("region-add")).toBeNull();
    expect(document.body.textContent).not.toContain("Stop trusting…");
  });
});
