import { expect, it } from "vitest";
import cases from "../../../tests/vectors/csv/cells.json";
import { readCsv, recordsOf, writeCsv } from "./csv";

const cells = (text: string) => readCsv(text).map((row) => row.cells);

it("reads quotes and doubled quotes, and keeps the line of each row", () => {
  const text = '\uFEFFid,name\r\n1,"a, ""b"" c"\n\n  \r2,d';
  expect(readCsv(text)).toEqual([
    { line: 1, cells: ["id", "name"], open: false },
    { line: 2, cells: ["1", 'a, "b" c'], open: false },
    { line: 5, cells: ["2", "d"], open: false },
  ]);
  expect(readCsv("")).toEqual([]);
});

it("ends a row with its line, whatever quotation marks are open", () => {
  const rows = readCsv('1,"window\n2,door"\n3,"a"\n4,"');
  expect(rows.map(({ line, open }) => [line, open])).toEqual([[1, true], [2, false], [3, false], [4, true]]);
  expect(rows[1]?.cells).toEqual(["2", 'door"']);
});

it("writes what it reads, and nothing that a spreadsheet would run", () => {
  const rows = [["门", 'a "b", c'], ["2", "d"]];
  expect(cells(writeCsv(rows))).toEqual(rows);
  expect(writeCsv([["=1+1", -2]])).toBe("\uFEFF'=1+1,-2\r\n");
});

it("keeps a spreadsheet from running a cell by the same rule as the authority", () => {
  const [, ...written] = recordsOf(writeCsv([["cell", "other"], ...cases.map(({ cell }) => [cell, "x"])]));
  const plain = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  expect(written).toEqual(cases.map((each) => `${plain(each.written)},x`));
});

it("reads a file without quotes as it reads one with them", () => {
  const plain = "\uFEFFa,b\r\n1,\r\n\r\n ,x\n  \n,\n2,3";
  expect(cells(plain)).toEqual([["a", "b"], ["1", ""], [" ", "x"], ["", ""], ["2", "3"]]);
  expect(readCsv(plain.replace("3", '"3"'))).toEqual(readCsv(plain));
});
