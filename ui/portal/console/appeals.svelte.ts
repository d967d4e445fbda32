/** A clerk's work list of contested colours: one is chosen, decided, and the next one is there. */
import { Refusal } from "../src/api";
import { Ask } from "./ask.svelte";
import type { AppealDecision, OpenAppeal, OpenAppealsPage } from "./wire";

interface Source {
  appeals(after: string | null): Promise<OpenAppealsPage>;
  decideAppeal(appeal: OpenAppeal, decision: AppealDecision, answer: string): Promise<unknown>;
}

/** What was done last, for the line that says so. */
export type Last = { name: string; how: AppealDecision | "elsewhere" };

export class WorkList {
  readonly asked = new Ask<OpenAppealsPage>();
  readonly deciding = new Ask<unknown>();
  appeals = $state.raw<OpenAppeal[]>([]);
  chosenId = $state<string | null>(null);
  /** Decided here since the page was opened. */
  done = $state(0);
  last = $state.raw<Last | null>(null);
  /** There are more than were loaded. */
  more = $state(false);
  /** Other facts stand against the chosen one than when it was first shown. */
  changed = $state(false);

  readonly place = $derived(this.appeals.findIndex(({ id }) => id === this.chosenId));
  readonly chosen = $derived(this.appeals[this.place] ?? null);

  constructor(private readonly source: Source) {}

  async load(): Promise<void> {
    const page = await this.asked.run(() => this.source.appeals(null));
    if (!page) return;
    const before = this.chosen;
    this.appeals = page.appeals;
    this.more = page.next !== null;
    if (!this.chosen) this.#turnTo(page.appeals[0]?.id ?? null);
    else if (this.chosen.facts_tag !== before?.facts_tag) this.changed = true;
  }

  choose(id: string): void {
    if (id === this.chosenId) return;
    this.#turnTo(id);
    this.deciding.clear();
  }

  /** To the next one, or the one before; stays at the ends. */
  step(by: 1 | -1): void {
    const next = this.appeals[this.place + by];
    if (next) this.choose(next.id);
  }

  /** Decides the chosen one and goes on to the next. Returns whether it is off the list. */
  async decide(decision: AppealDecision, answer: string): Promise<boolean> {
    const { chosen } = this;
    if (!chosen || this.deciding.busy) return false;
    const decided = await this.deciding.run(async () => {
      await this.source.decideAppeal(chosen, decision, answer);
      return true;
    });
    if (decided) {
      this.#leave(chosen, decision);
      this.done += 1;
    } else if (isElsewhere(this.deciding.refusal)) {
      this.deciding.clear();
      this.#leave(chosen, "elsewhere");
    } else {
      // A decision is about what was shown: that is to be looked at again, and decided.
      if (this.deciding.refusal?.code === "appeal-changed") {
        this.deciding.clear();
        await this.load();
      }
      return false;
    }
    if (this.appeals.length === 0 && this.more) await this.load();
    return true;
  }

  #leave(gone: OpenAppeal, how: Last["how"]): void {
    const at = this.appeals.findIndex(({ id }) => id === gone.id);
    this.appeals = this.appeals.filter(({ id }) => id !== gone.id);
    this.#turnTo((this.appeals[at] ?? this.appeals[at - 1])?.id ?? null);
    this.last = { name: gone.name_masked, how };
  }

  #turnTo(id: string | null): void {
    this.chosenId = id;
    this.changed = false;
  }
}

/** A colleague was faster. */
function isElsewhere(refusal: Refusal | null): boolean {
  return refusal?.code === "appeal-decided" || refusal?.code === "not-found";
}
