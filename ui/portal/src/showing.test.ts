import { beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "./api";
import { Showing } from "./showing.svelte";
import type { Shown } from "./wire";

const ISSUED_MS = Date.parse("2020-07-10T06:00:00Z");

class Desk {
  monotonicMs = 5_000;
  wallMs = Date.parse("1999-01-01T00:00:00Z"); // A phone whose clock is far off.
  asked = 0;
  next: Refusal | null = null;
  lifeSeconds = 60;
  answerTakesMs = 0;

  showing = new Showing(
    async (): Promise<Shown> => {
      this.asked += 1;
      if (this.next) throw this.next;
      const issued = ISSUED_MS + this.asked * 1000;
      this.pass(this.answerTakesMs);
      return {
        text: `HTTPS://YM.TEST/${this.asked}`,
        colour: "green",
        amber_name: "orange",
        name_masked: "林*安",
        document_masked: "3501**********0012",
        issued_at: new Date(issued).toISOString(),
        expires_at: new Date(issued + this.lifeSeconds * 1000).toISOString(),
        lifetime_seconds: this.lifeSeconds,
        shown_count: this.asked,
      };
    },
    { monotonicMs: () => this.monotonicMs, wallMs: () => this.wallMs },
  );

  pass(ms: number): void {
    this.monotonicMs += ms;
    this.wallMs += ms;
  }

  /** A tick, and whatever it began. */
  async tick(): Promise<void> {
    this.showing.tick();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
}

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe("a code's life", () => {
  it("asks by itself and is live for its lifetime less the authority's rounding", async () => {
    await desk.tick();
    expect(desk.asked).toBe(1);
    expect(desk.showing.phase).toBe("live");
    expect(desk.showing.secondsLeft).toBe(59);
    desk.next = new Refusal("network");
    desk.pass(58_999);
    await desk.tick();
    expect(desk.showing.phase).toBe("live");
    desk.pass(1);
    await desk.tick();
    expect(desk.showing.phase).toBe("expired");
    expect(desk.showing.secondsLeft).toBe(0);
  });

  it("counts the life from the request, not from the answer", async () => {
    desk.answerTakesMs = 8_000;
    await desk.tick();
    expect(desk.showing.secondsLeft).toBe(51);
  });

  it("is renewed ten seconds before its end, and not sooner", async () => {
    await desk.tick();
    desk.pass(48_999);
    await desk.tick();
    expect(desk.asked).toBe(1);
    desk.pass(1);
    await desk.tick();
    expect(desk.asked).toBe(2);
    expect(desk.showing.code?.text).toBe("HTTPS://YM.TEST/2");
    expect(desk.showing.secondsLeft).toBe(59);
  });

  it("ends although the monotonic clock slept", async () => {
    await desk.tick();
    desk.next = new Refusal("network");
    desk.wallMs += 3_600_000;
    desk.showing.tick();
    expect(desk.showing.phase, "before any answer can have come").toBe("expired");
  });

  it("ends although the wall clock was set back", async () => {
    await desk.tick();
    desk.next = new Refusal("network");
    desk.wallMs -= 86_400_000;
    desk.monotonicMs += 60_000;
    desk.showing.tick();
    expect(desk.showing.phase).toBe("expired");
  });

  it("tells the authority's time, not the phone's", async () => {
    await desk.tick();
    desk.pass(2_500);
    desk.showing.tick();
    expect(desk.showing.now?.toISOString()).toBe("2020-07-10T06:00:03.500Z");
  });

  it("refuses a lifetime that is none", async () => {
    desk.lifeSeconds = 0;
    await desk.tick();
    expect(desk.showing.phase).toBe("waiting");
    expect(desk.showing.trouble?.code).toBe("bad-answer");
  });
});

describe("a renewal that fails", () => {
  it("keeps the living code, retries further and further apart, and recovers", async () => {
    await desk.tick();
    desk.pass(49_000);
    desk.next = new Refusal("timeout");
    await desk.tick();
    expect(desk.showing.phase).toBe("live");
    expect(desk.showing.trouble?.code).toBe("timeout");
    for (const waitMs of [2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = desk.asked;
      desk.pass(waitMs - 1);
      await desk.tick();
      expect(desk.asked, `not before ${waitMs} ms`).toBe(before);
      desk.pass(1);
      await desk.tick();
      expect(desk.asked, `after ${waitMs} ms`).toBe(before + 1);
    }
    expect(desk.showing.phase).toBe("expired");
    desk.next = null;
    await desk.showing.renew();
    expect(desk.showing.phase).toBe("live");
    expect(desk.showing.trouble).toBeNull();
  });

  it("waits as long as the authority asks", async () => {
    desk.next = new Refusal("rate-limited", null, 30);
    await desk.tick();
    desk.pass(29_999);
    await desk.tick();
    expect(desk.asked).toBe(1);
    desk.pass(1);
    await desk.tick();
    expect(desk.asked).toBe(2);
  });

  it("does not hammer when waiting cannot help", async () => {
    desk.next = new Refusal("forbidden");
    await desk.tick();
    desk.pass(3_600_000);
    await desk.tick();
    expect(desk.asked).toBe(1);
    expect(desk.showing.phase).toBe("waiting");
  });

  it("asks nothing after it is stopped", async () => {
    desk.showing.stop();
    await desk.tick();
    await desk.showing.renew();
    expect(desk.asked).toBe(0);
  });
});
