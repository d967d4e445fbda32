import { errorWords } from "./errors";

/** What is done on one card: one thing at a time, and what went wrong with the last. */
export class Doing {
  busy = $state(false);
  problem = $state<string | null>(null);
  readonly #words: (error: unknown) => string | null;

  /** `words` says what went wrong; null for what is said elsewhere, such as beside its field. */
  constructor(words: (error: unknown) => string | null = errorWords) {
    this.#words = words;
  }

  /** Does it, unless something is being done. It never throws. */
  async run(work: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = this.#words(error);
    } finally {
      this.busy = false;
    }
  }
}
