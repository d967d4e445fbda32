// @vitest-environment node
import { describe, expect, it } from "vitest";
import { base45, fetchSeries, namesOf, series } from "./carry";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A head as it comes, with a signature that nobody checks here. */
function sealed(snapshotBytes = 99): Uint8Array {
  const file = (name: string) => ({ name, from: 0, to: 1, bytes: name === "status" ? snapshotBytes : 4, sha256: "00" });
  const feed = (name: string, deltas: string[] = []) => ({ snapshot: file(name), deltas: deltas.map(file) });
  const feeds = {
    trust: feed("trust"),
    policy: feed("policy"),
    status: feed("status", ["step", "steps"]),
    directory: feed("directory"),
  };
  const payload = bytes(JSON.stringify({ issued_at: "2020-07-01T08:00:00Z", feeds }));
  return new Uint8Array([...new Uint8Array(12), ...payload, ...new Uint8Array(64)]);
}

describe("base45", () => {
  // RFC 9285, section 4.3.
  it.each([
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
  ])("encodes %s", (text, encoded) => {
    expect(base45(bytes(text))).toBe(encoded);
  });
});

describe("series", () => {
  it("is the one that a desk puts together", async () => {
    // `crates/protocol/src/symbols.rs` has the same.
    expect(await series(bytes("head"), [bytes("file")])).toEqual(["YMQ1:Y5Q%-9000V50YM0000+8D2ECYM0000R.CTVD"]);
  });

  it("has as many symbols as it needs, and none too many", async () => {
    const texts = await series(bytes("head"), [new Uint8Array(1200)]);
    expect(texts).toHaveLength(3);
    // Version 20 at level M holds 970 characters.
    expect(Math.max(...(texts ?? []).map((text) => text.length))).toBeLessThan(971);
    expect(await series(new Uint8Array(600 * 1024), [])).toBeNull();
  });
});

describe("what is shown", () => {
  it("is everything but the directory, and the whole list where that is wanted", () => {
    expect(namesOf(sealed(), false)).toEqual(["trust", "policy", "step", "steps"]);
    expect(namesOf(sealed(), true)).toEqual(["trust", "policy", "status", "step", "steps"]);
    // The desk would take the shorter way, which must be there.
    expect(namesOf(sealed(8), false)).toEqual(["trust", "policy", "status", "step", "steps"]);
  });

  it("is fetched from the published files", async () => {
    const asked: string[] = [];
    const get = async (path: string | URL | Request) => {
      asked.push(String(path));
      return new Response(String(path).endsWith("head") ? new Uint8Array(sealed()) : bytes("file"));
    };
    const carried = await fetchSeries(false, get as typeof fetch);
    expect(carried?.issuedAt).toBe("2020-07-01T08:00:00Z");
    expect(carried?.texts).toHaveLength(2);
    expect(asked).toEqual(["/v1/feeds/head", ...["trust", "policy", "step", "steps"].map((name) => `/v1/feeds/files/${name}`)]);
    await expect(fetchSeries(false, async () => new Response("", { status: 503 }))).rejects.toThrow("head: 503");
  });
});
