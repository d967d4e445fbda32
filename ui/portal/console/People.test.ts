import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import type { ConsoleAuthority } from "./authority";
import People from "./screens/People.svelte";
import { ConsoleSession } from "./session.svelte";
import type { Clerk } from "./wire";

const person = (id: number, role: Clerk["role"], second_factor: boolean, revoked_at: string | null = null): Clerk => ({
  id,
  name: `样本${id}`,
  role,
  sites: [],
  kinds: [],
  created_at: "2020-07-01T00:00:00Z",
  revoked_at,
  second_factor,
});

let app: ReturnType<typeof mount> | undefined;

afterEach(() => {
  if (app) void unmount(app);
  app = undefined;
});

it("marks the administrators who have not set up an app", async () => {
  const clerks = [
    person(1, "administrator", true),
    person(2, "administrator", false),
    person(3, "clerk", true),
    person(4, "department", false),
    person(5, "administrator", false, "2020-07-02T00:00:00Z"),
  ];
  const session = new ConsoleSession(() => ({}) as ConsoleAuthority, null);
  session.authority = {
    clerks: () => Promise.resolve(clerks),
    sites: () => Promise.resolve([]),
  } as unknown as ConsoleAuthority;
  app = mount(People, { target: document.body, props: { session } });
  await Promise.resolve();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  flushSync();
  const said = [...document.querySelectorAll("[data-factor]")].map((cell) => [
    cell.getAttribute("data-factor"),
    cell.textContent?.trim(),
  ]);
  expect(said).toEqual([
    ["set-up", "已设置"],
    ["wanted", "尚未设置"],
    ["set-up", "已设置"],
    ["none", "–"],
    ["none", "–"],
  ]);
});

it("binds a new department to the kinds that were chosen, and nobody else", async () => {
  const made: unknown[] = [];
  const session = new ConsoleSession(() => ({}) as ConsoleAuthority, null);
  session.authority = {
    clerks: () => Promise.resolve([{ ...person(1, "department", false), kinds: ["antipyretic"] }]),
    sites: () => Promise.resolve([]),
    createClerk: (name: string, role: string, bound: object) => {
      made.push([name, role, bound]);
      return Promise.resolve({ clerk: person(9, "department", false), token: "0123456789abcdef" });
    },
  } as unknown as ConsoleAuthority;
  app = mount(People, { target: document.body, props: { session } });
  await new Promise((resolve) => setTimeout(resolve));
  flushSync();
  const form = document.querySelector<HTMLFormElement>("[data-testid='person-form']")!;
  const name = (text: string): void => {
    const input = form.querySelector("input")!;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const choose = (selector: string, value: string): void => {
    const select = form.querySelector(selector)!;
    const chosen = form.querySelectorAll(`${selector} option[value="${value}"]`);
    // Svelte asks for `:checked`, which happy-dom knows of inputs alone.
    select.querySelector = () => chosen[0];
    select.querySelectorAll = () => chosen;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    flushSync();
  };
  const submit = async (): Promise<void> => {
    form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve));
    flushSync();
  };
  name("药监局");
  choose("select:not([multiple])", "department");
  const offered = (kind: string) => form.querySelector(`[data-testid='person-kinds'] option[value="${kind}"]`) !== null;
  expect(["cleared", "retraction"].map(offered), "what one reported one may take back").toEqual([true, false]);
  choose("[data-testid='person-kinds']", "antipyretic");
  await submit();
  name("林");
  choose("select:not([multiple])", "clerk");
  expect(form.querySelector("[data-testid='person-kinds']")).toBeNull();
  await submit();
  expect(made).toEqual([
    ["药监局", "department", { sites: [], kinds: ["antipyretic"] }],
    ["林", "clerk", { sites: [], kinds: [] }],
  ]);
  expect(document.querySelector("[data-testid='people']")?.textContent).toContain("购买退热药");
});
