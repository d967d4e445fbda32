/** A file of facts on its way to the authority: read and checked here, sent in batches, answered row by row. */
import { Refusal } from "../src/api";
import { DOCUMENT_TYPES } from "../src/wire";
import { type CsvRow, readCsv, writeCsv } from "./csv";
import { canMakeIds, idOf, type Unnamed } from "./ids";
import { FACT_KINDS, type FactReport, type FactResult } from "./wire";

export const COLUMNS = ["document_type", "number", "kind", "occurred_at"] as const;
/** What a file may have besides. */
export const OPTIONAL = ["id", "detail", "retracts"] as const;
const BATCH = 1_000;
/** Rows shown before anything is sent. */
const PREVIEW = 5;
/** Pauses before a batch is sent again, growing to the last one. */
const AGAIN_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A row that is not taken, without what it says: only where it stands and what is wrong. */
export interface RefusedRow {
  /** Of the file, from 1: the head is line 1. */
  line: number;
  field: string;
  reason: string;
}

interface Row {
  line: number;
  cells: string[];
  /** Null where the file gives none: it is made when the row is sent. */
  id: string | null;
  fact: Unnamed;
}

export class FactsFile {
  fileName = $state("");
  /** Columns that the head of the file lacks; the file is then not read on. */
  missing = $state.raw<string[]>([]);
  total = $state(0);
  sent = $state(0);
  accepted = $state(0);
  duplicate = $state(0);
  refused = $state.raw<RefusedRow[]>([]);
  busy = $state(false);
  /** Columns of the file that nothing is read from. */
  unused = $state.raw<string[]>([]);
  /** The first rows as they will be read: line, cells in the order of `COLUMNS`. */
  preview = $state.raw<{ line: number; cells: string[] }[]>([]);
  /** The connection was lost: the same batch is sent again after a pause. */
  waiting = $state(false);
  /** Ended before everything was sent. */
  cancelled = $state(false);
  /** Rows a second of the sending under way, and the seconds it will still take. */
  rate = $state(0);
  readonly secondsLeft = $derived(this.rate > 0 ? Math.ceil((this.total - this.sent) / this.rate) : null);
  /** The sending stopped here; what was sent is kept, and going on sends only the rest. */
  refusal = $state.raw<Refusal | null>(null);

  #head: string[] = [];
  #rows: Row[] = [];
  #refusedCells = new Map<number, string[]>();
  #refusedNow: RefusedRow[] = [];
  #stopped = false;
  #wake: (() => void) | null = null;

  constructor(private readonly pauses: readonly number[] = AGAIN_MS) {}

  /** Rows that can still be sent. */
  readonly left = $derived(this.total - this.sent);

  /** Reads a file's text. */
  read(fileName: string, text: string): void {
    const [head, ...rows] = readCsv(text);
    this.fileName = fileName;
    this.#head = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
    this.refused = [];
    this.missing = COLUMNS.filter((column) => !this.#head.includes(column));
    this.#rows = [];
    this.#refusedCells.clear();
    this.#refusedNow = [];
    this.unused = this.#head.filter((column) => ![...COLUMNS, ...OPTIONAL].some((known) => known === column));
    this.preview = [];
    this.cancelled = false;
    this.rate = 0;
    this.sent = this.accepted = this.duplicate = 0;
    this.refusal = null;
    if (this.missing.length === 0) {
      rows.forEach((row) => this.#take(row));
      this.preview = rows.slice(0, PREVIEW).map(({ line, cells }) => ({
        line,
        cells: COLUMNS.map((column) => this.#cell(cells, column)),
      }));
    }
    this.#publish();
    this.total = this.#rows.length;
  }

  /** Stops after the batch that is under way; `send` goes on from there. */
  pause(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Gives up what was not sent. What was sent stays. */
  cancel(): void {
    this.pause();
    this.cancelled = true;
  }

  /** Sends what is left, batch by batch, in the name of whoever has this number. Never throws. */
  async send(report: (facts: readonly FactReport[]) => Promise<FactResult[]>, reporter = 0): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.refusal = null;
    this.#stopped = this.cancelled = false;
    const [begun, before] = [Date.now(), this.sent];
    try {
      while (this.sent < this.total && !this.#stopped) {
        const batch = this.#rows.slice(this.sent, this.sent + BATCH);
        const facts = await Promise.all(batch.map((row) => reportOf(reporter, row)));
        const results = await this.#patiently(() => report(facts));
        if (!results) break;
        if (results.length !== batch.length) throw new Refusal("bad-answer");
        batch.forEach((row, index) => this.#answer(row, results[index]));
        this.#publish();
        this.sent += batch.length;
        this.rate = ((this.sent - before) * 1_000) / Math.max(1, Date.now() - begun);
      }
    } catch (cause) {
      this.refusal = cause instanceof Refusal ? cause : new Refusal("internal");
    } finally {
      this.busy = this.waiting = false;
    }
  }

  /**
   * Tries until there is an answer; null when it was stopped in between. A batch that arrived
   * although its answer was lost is answered as known the second time.
   */
  async #patiently<T>(call: () => Promise<T>): Promise<T | null> {
    for (let tried = 0; ; tried += 1) {
      try {
        const answer = await call();
        this.waiting = false;
        return answer;
      } catch (cause) {
        if (!(cause instanceof Refusal) || !cause.passing) throw cause;
        if (this.#stopped) return null;
        this.waiting = true;
        const asked = (cause.retryAfterSeconds ?? 0) * 1_000;
        await this.#sleep(Math.max(asked, this.pauses[Math.min(tried, this.pauses.length - 1)] ?? 0));
        if (this.#stopped) return null;
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The refused rows as a file to put right and import again. */
  refusedCsv(): string {
    const rows = this.refused.map(({ line, field, reason }) => {
      const cells = this.#refusedCells.get(line) ?? [];
      return [...this.#head.map((_, place) => cells[place] ?? ""), field, reason, ...cells.slice(this.#head.length)];
    });
    return writeCsv([[...this.#head, "field", "reason"], ...rows]);
  }

  #take({ line, cells, open }: CsvRow): void {
    if (open) return this.#refuse(line, cells, "row", "form");
    if (cells.length !== this.#head.length) return this.#refuse(line, cells, "row", "cells");
    const cell = (column: string) => this.#cell(cells, column);
    const documentType = DOCUMENT_TYPES.find((each) => each === cell("document_type"));
    const kind = FACT_KINDS.find((each) => each === cell("kind"));
    const occurredAt = occurred(cell("occurred_at"));
    const [id, number, retracts] = [cell("id"), cell("number"), cell("retracts")];
    if (!documentType) return this.#refuse(line, cells, "document_type", "form");
    if (number === "") return this.#refuse(line, cells, "number", "length");
    if (!kind) return this.#refuse(line, cells, "kind", "form");
    if (!occurredAt) return this.#refuse(line, cells, "occurred_at", "form");
    if (id === "" ? !canMakeIds() : !ID.test(id)) return this.#refuse(line, cells, "id", "form");
    if (retracts !== "" && !ID.test(retracts)) return this.#refuse(line, cells, "retracts", "form");
    const detail = this.#text(cells, "detail");
    const fact = { document_type: documentType, number, kind, occurred_at: occurredAt };
    this.#rows.push({
      line,
      cells,
      id: id === "" ? null : id,
      fact: { ...fact, ...(detail !== "" && { detail }), ...(retracts !== "" && { retracts }) },
    });
  }

  #answer(row: Row, result: FactResult | undefined): void {
    if (result?.outcome === "accepted") this.accepted += 1;
    else if (result?.outcome === "duplicate") this.duplicate += 1;
    else this.#refuse(row.line, row.cells, result?.field ?? "", result?.reason ?? "");
  }

  #refuse(line: number, cells: string[], field: string, reason: string): void {
    this.#refusedCells.set(line, cells);
    this.#refusedNow.push({ line, field, reason });
  }

  /** Puts the refused rows on screen: once a batch, for there may be many. */
  #publish(): void {
    if (this.#refusedNow.length !== this.refused.length) {
      this.refused = [...this.#refusedNow].sort((a, b) => a.line - b.line);
    }
  }

  #cell(cells: readonly string[], column: string): string {
    return this.#text(cells, column).normalize("NFKC").trim();
  }

  /** A cell in the writer's own characters. */
  #text(cells: readonly string[], column: string): string {
    return (cells[this.#head.indexOf(column)] ?? "").trim();
  }
}

async function reportOf(reporter: number, { id, fact }: Row): Promise<FactReport> {
  return { id: id ?? (await idOf(reporter, fact)), ...fact };
}

/** "2020-07-10", "2020-07-10 14:05" in Beijing, or any RFC 3339 instant; null for anything else. */
export function occurred(text: string): string | null {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(text);
  if (!parts?.[1] || (parts[4] && !parts[2])) return null;
  const [, day, time = "00:00", seconds = "00", zone = "+08:00"] = parts;
  const at = new Date(`${day}T${time}:${seconds}${zone.toUpperCase()}`);
  if (Number.isNaN(at.getTime())) return null;
  // Browsers read 31 April as 1 May; a day that does not exist is refused instead.
  const days = new Date(`${day}T00:00:00Z`);
  return days.toISOString().startsWith(day ?? "") ? at.toISOString() : null;
}
