import { beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "./api";
import { Session } from "./session.svelte";
import { FakeAuthority, holderOf } from "./testing";

let authority: FakeAuthority;
let session: Session;

beforeEach(() => {
  authority = new FakeAuthority();
  session = new Session(authority);
});

describe("load", () => {
  it("is out, and nothing has ended, for a stranger", async () => {
    authority.refusal = new Refusal("unauthorised");
    await session.load();
    expect([session.phase, session.ended]).toEqual(["out", false]);
  });

  it("is unreachable, not out, without a network", async () => {
    authority.refusal = new Refusal("network");
    await session.load();
    expect(session.phase).toBe("unreachable");
  });

  it("keeps what is known when a later load fails", async () => {
    authority.holder = holderOf("green");
    await session.load();
    authority.refusal = new Refusal("timeout");
    await session.load();
    expect([session.phase, session.holder?.colour]).toEqual(["in", "green"]);
  });

  it("says so when the session ended by itself", async () => {
    await session.load();
    authority.refusal = new Refusal("unauthorised");
    await session.load();
    expect([session.phase, session.ended, session.account]).toEqual(["out", true, null]);
  });
});

it("claims, withdraws and claims again", async () => {
  await session.login({ phone: "13800000000", password: "12345678" });
  await session.claim({ group: "resident" });
  expect([session.holder?.colour, session.withdrawn]).toEqual(["green", false]);
  await session.withdraw();
  expect([session.holder, session.withdrawn]).toEqual([null, true]);
  await session.claim({ group: "resident" });
  expect([session.holder?.colour, session.withdrawn]).toEqual(["green", false]);
});

it("does not claim to be logged out when the authority was not reached", async () => {
  await session.load();
  authority.refusal = new Refusal("network");
  await expect(session.logout()).rejects.toThrow(Refusal);
  expect(session.phase).toBe("in");
});
