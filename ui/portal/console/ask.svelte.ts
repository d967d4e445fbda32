/** One question to the authority on a screen: its answer, whether it is under way, what went wrong. */
import { Refusal } from "../src/api";

export class Ask<T> {
  value = $state.raw<T | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  busy = $state(false);
  #latest = 0;

  /** Runs a call. Of two that overlap, only the later one's answer counts. Never throws. */
  async run(call: () => Promise<T>): Promise<T | null> {
    const mine = (this.#latest += 1);
    this.busy = true;
    this.refusal = null;
    try {
      const value = await call();
      if (mine === this.#latest) this.value = value;
      return value;
    } catch (cause) {
      if (mine === this.#latest) {
        this.refusal = cause instanceof Refusal ? cause : new Refusal("internal");
      }
      return null;
    } finally {
      if (mine === this.#latest) this.busy = false;
    }
  }

  /** Forgets the answer: a search is begun anew, a personal value must not stay. */
  clear(): void {
    this.#latest += 1;
    this.value = null;
    this.refusal = null;
    this.busy = false;
  }
}
