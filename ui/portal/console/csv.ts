/** CSV (RFC 4180), read and written here: a file is shown row by row before anything is sent. */

/** A line of a file. */
export interface CsvRow {
  /** Its number in the file, from 1. */
  line: number;
  cells: string[];
  /** A quotation mark is not closed on the line, so that its last cell is not to be relied on. */
  open: boolean;
}

/**
 * The rows of a file, each on a line of its own: a cell has no line break, or one stray quotation
 * mark would swallow the rows below it. Lines with nothing on them are passed over; a byte-order
 * mark goes.
 */
export function readCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  body.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() !== "") rows.push({ line: index + 1, ...cellsOf(line) });
  });
  return rows;
}

/** The cells of a line. Quotes may hold commas, and quotes doubled. */
function cellsOf(line: string): Pick<CsvRow, "cells" | "open"> {
  // Most lines, and twenty times as quick: a department may bring hundreds of thousands of them.
  if (!line.includes('"')) return { cells: line.split(","), open: false };
  const cells: string[] = [];
  let cell = "";
  let open = false;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i];
    if (open) {
      if (char !== '"') cell += char;
      else if (line[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else open = false;
    } else if (char === '"' && cell === "") open = true;
    else if (char === ",") {
      cells.push(cell);
      cell = "";
    } else cell += char;
  }
  cells.push(cell);
  return { cells, open };
}

/** What a spreadsheet would take for a formula, also behind spaces: as `crates/protocol/src/spreadsheet.rs` has it. */
const FORMULA = /^[\t\r\n]|^[\s\u0085]*[=+\-@＝＋－＠]/;

/** A text that spreadsheets open as Chinese; a field that could be taken for a formula is quoted off. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** The records of a page that the authority wrote, each as it wrote it; the first is the heading. */
export function recordsOf(page: string): string[] {
  const records: string[] = [];
  let record: string | null = null;
  for (const line of page.replace(/^\uFEFF/, "").split("\r\n")) {
    record = record === null ? line : `${record}\r\n${line}`;
    // What is quoted may have line breaks of its own.
    if ((record.split('"').length - 1) % 2 === 1) continue;
    if (record !== "") records.push(record);
    record = null;
  }
  return records;
}

/** Hands records to the browser's downloads as one file. */
export function saveCsv(name: string, records: readonly string[]): void {
  saveFile(name, new Blob([`\uFEFF${records.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }));
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(content);
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
