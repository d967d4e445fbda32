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
