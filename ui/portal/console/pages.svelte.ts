/** A list that is read page by page, back and forth; and the whole of it, for a file. */
import { Refusal } from "../src/api";
import { Ask } from "./ask.svelte";

/** A page, and where the next one begins. */
interface PageOf<C> {
  next: C | null;
}

export class Pages<C, P extends PageOf<C>> {
  readonly asked = new Ask<P>();
  /** Where each page seen so far began; the last one is on screen. */
  begins = $state.raw<(C | null)[]>([null]);

  readonly first = $derived(this.begins.length < 2);

  constructor(private readonly fetchPage: (begin: C | null) => Promise<P>) {}

  start(): Promise<void> {
    return this.#turn([null]);
  }

  onward(): Promise<void> {
    const next = this.asked.value?.next;
    return next == null ? Promise.resolve() : this.#turn([...this.begins, next]);
  }

  back(): Promise<void> {
    return this.#turn(this.begins.slice(0, -1));
  }

  forget(): void {
    this.asked.clear();
    this.begins = [null];
  }

  async #turn(to: (C | null)[]): Promise<void> {
    const page = await this.asked.run(() => this.fetchPage(to[to.length - 1] ?? null));
    if (page) this.begins = to;
  }
}

/** Every row of a list on its way into a file; says how many there are so far. */
export class WholeList {
  busy = $state(false);
  rows = $state(0);
  refusal = $state.raw<Refusal | null>(null);
  #stopped = false;

  /** Returns all rows, or null when it was stopped or refused. Never throws. */
  async gather<C, R>(fetchPage: (begin: C | null) => Promise<{ rows: R[]; next: C | null }>): Promise<R[] | null> {
    this.busy = true;
    this.refusal = null;
    this.rows = 0;
    this.#stopped = false;
    const all: R[] = [];
    try {
      let begin: C | null = null;
      do {
        const page: { rows: R[]; next: C | null } = await fetchPage(begin);
        for (const row of page.rows) all.push(row);
        this.rows = all.length;
        begin = page.next;
      } while (begin !== null && !this.#stopped);
      return this.#stopped ? null : all;
    } catch (cause) {
      this.refusal = cause instanceof Refusal ? cause : new Refusal("internal");
      return null;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
