import { expect, it } from "vitest";
import { readCsv, writeCsv } from "./csv";

it("reads quotes, doubled quotes, line ends inside them, and skips empty lines", () => {
  const text = '\uFEFFid,name\r\n1,"a, ""b""\nc"\n\n2,d';
  expect(readCsv(text)).toEqual([["id", "name"], ["1", 'a, "b"\nc'], ["2", "d"]]);
  expect(readCsv("")).toEqual([]);
});

it("writes what it reads, and nothing that a spreadsheet would run", () => {
  const rows = [["门", 'a "b", c'], ["2", "d"]];
  expect(readCsv(writeCsv(rows))).toEqual(rows);
  expect(writeCsv([["=1+1", -2]])).toBe("\uFEFF'=1+1,-2\r\n");
});

it("reads a file without quotes as it reads one with them", () => {
  const plain = "\uFEFFa,b\r\n1,\r\n\r\n ,x\n  \n,\n2,3";
  expect(readCsv(plain)).toEqual([["a", "b"], ["1", ""], [" ", "x"], ["", ""], ["2", "3"]]);
  expect(readCsv(plain.replace("3", '"3"'))).toEqual(readCsv(plain));
});
