import { CommandFailed } from "../platform";
import type { UpdateProgress, Updates } from "../views";

const ADDRESS = "https://updates.yanma.example/latest.json";
const KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const NEWER = { state: "newer", version: "0.2.0", date: "2026-11-20T08:00:00Z", notes: "Reads faded thermal paper.\nThree more printers." } as const;

/** What a desk without an engine knows of new versions; with `?updates=newer`, `older`, `same` or `silent` it looks for them. */
export class DemoUpdates {
  #updates: Updates = { address: null, key: null, version: "0.1.0", replacesItself: true, lookedAt: null, found: null, trouble: null };

  constructor(readonly wish: string | null) {
    if (wish !== null) this.save(ADDRESS, KEY);
  }

  get now(): Updates {
    return this.#updates;
  }

  save(address: string | null, key: string | null): Updates {
    const bad = (field: string) => new CommandFailed({ kind: "badField", detail: { field, reason: field } });
    if (address !== null && !address.startsWith("https://")) throw bad("address");
    if (key !== null && !key.startsWith("RW")) throw bad("key");
    this.#updates = { ...this.#updates, address, key, lookedAt: null, found: null, trouble: null };
    return address !== null && key !== null ? this.look() : this.#updates;
  }

  look(): Updates {
    const lookedAt = "2026-11-27T06:00:00Z";
    const found = this.wish === "older" ? ({ state: "older", version: "0.0.9" } as const) : this.wish === "newer" ? NEWER : ({ state: "same" } as const);
    const silent = this.wish === "silent";
    return (this.#updates = {
      ...this.#updates,
      lookedAt,
      found: silent ? null : found,
      trouble: silent ? { why: "silent", detail: "" } : null,
    });
  }

  /** Half of it comes, and it turns out to be forged. */
  async install(tell: (progress: UpdateProgress) => void): Promise<void> {
    tell({ done: 48e6, total: 96e6 });
    await new Promise((done) => setTimeout(done, 1500));
    throw new CommandFailed({ kind: "update", detail: { why: "forged", detail: "" } });
  }
}
