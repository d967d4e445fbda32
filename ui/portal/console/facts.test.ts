import { describe, expect, it } from "vitest";
import { Refusal } from "../src/api";
import { readCsv } from "./csv";
import { FactsFile, occurred } from "./facts.svelte";
import type { FactReport, FactResult } from "./wire";

const HEAD = "document_type,number,kind,occurred_at";
const row = (number: string, kind = "fever-clinic") => `resident-id,${number},${kind},2020-07-10 14:05`;
const taken = (facts: readonly FactReport[]): FactResult[] =>
  facts.map(({ id }) => ({ id, outcome: "accepted" }));

it("reads a day, a Beijing time and an instant, and no day that does not exist", () => {
  expect(occurred("2020-07-10")).toBe("2020-07-09T16:00:00.000Z");
  expect(occurred("2020-07-10 14:05")).toBe("2020-07-10T06:05:00.000Z");
  expect(occurred("2020-07-10T14:05:30Z")).toBe("2020-07-10T14:05:30.000Z");
  expect(occurred("2020-04-31")).toBeNull();
  expect(occurred("10/07/2020")).toBeNull();
});

describe("a file of facts", () => {
  it("names the columns it lacks and sends nothing", () => {
    const file = new FactsFile();
    file.read("a.csv", "number,kind\n1,confirmed");
    expect(file.missing).toEqual(["document_type", "occurred_at"]);
    expect(file.left).toBe(0);
  });

  it("refuses bad rows by their line and takes the others", async () => {
    const file = new FactsFile();
    file.read("a.csv", [HEAD, row("350100190001010012"), row("350100190001010004", "rumour"), row("")].join("\n"));
    expect(file.refused).toEqual([
      { line: 3, field: "kind", reason: "form" },
      { line: 4, field: "number", reason: "length" },
    ]);
    await file.send((facts) => Promise.resolve(taken(facts)));
    expect([file.accepted, file.left]).toEqual([1, 0]);
  });

  it("says where in the file a row stands, with blank lines between", async () => {
    const file = new FactsFile();
    file.read("a.csv", ["", HEAD, "", row("1"), "  ", row("2", "rumour"), row("3")].join("\r\n"));
    expect(file.refused).toEqual([{ line: 6, field: "kind", reason: "form" }]);
    expect(file.preview.map(({ line }) => line)).toEqual([4, 6, 7]);
    await file.send((facts) =>
      Promise.resolve(facts.map(({ id, number }) => ({ id, outcome: number === "3" ? "rejected" : "accepted", field: "number" }))),
    );
    expect(file.refused.map(({ line }) => line)).toEqual([6, 7]);
  });

  it("refuses a row whose quotation mark is open, or whose cells are too many, and judges the next by itself", () => {
    const file = new FactsFile();
    const rows = [`${row("1")},"window`, `${row("2")},door"`, `${row("3")},left, below`, row("4")];
    file.read("a.csv", [`${HEAD},detail`, ...rows].join("\n"));
    expect(file.refused).toEqual([
      { line: 2, field: "row", reason: "form" },
      { line: 4, field: "row", reason: "cells" },
      { line: 5, field: "row", reason: "cells" },
    ]);
    expect(file.left).toBe(1);
    const [head, open, more] = readCsv(file.refusedCsv()).map((each) => each.cells);
    expect([head?.at(-2), open?.slice(-3), more?.slice(-4)]).toEqual(["field", ["window", "row", "form"], ["left", "row", "cells", " below"]]);
  });

  it("shows the first rows and the columns it does not use before anything is sent", () => {
    const file = new FactsFile();
    file.read("a.csv", [`${HEAD},ward`, ...Array.from({ length: 9 }, (_, i) => `${row(String(i))},7`)].join("\n"));
    expect(file.unused).toEqual(["ward"]);
    expect(file.preview).toHaveLength(5);
    expect(file.preview[0]).toEqual({ line: 2, cells: ["resident-id", "0", "fever-clinic", "2020-07-10 14:05"] });
  });

  it("carries notes and retractions as they stand in the file", async () => {
    const file = new FactsFile();
    const id = "01730000-0000-7000-8000-000000000001";
    const sent: FactReport[] = [];
    const rows = [`${row("1")},${id},"窗口３, 左",`, `${row("1", "retraction")},,,${id}`, `${row("1", "retraction")},,,7`];
    file.read("a.csv", [`${HEAD},id,detail,retracts`, ...rows].join("\n"));
    await file.send((facts) => (sent.push(...facts), Promise.resolve(taken(facts))));
    expect(file.unused).toEqual([]);
    expect(sent[0]).toMatchObject({ id, kind: "fever-clinic", detail: "窗口３, 左" });
    expect(sent[1]).toMatchObject({ kind: "retraction", retracts: id });
    expect(sent[1]).not.toHaveProperty("detail");
    expect(file.refused).toEqual([{ line: 4, field: "retracts", reason: "form" }]);
  });

  it("names a row without an id by what it says and who says it, today and after a reload", async () => {
    const sent: FactReport[] = [];
    const send = async (text: string, reporter = 7) => {
      const file = new FactsFile();
      file.read("a.csv", text);
      await file.send((facts) => (sent.push(...facts), Promise.resolve(taken(facts))), reporter);
    };
    const number = "350100190001010012";
    const text = [`${HEAD},detail`, `${row(number)},窗口 3`, `${row(number)},`, `${row(number)},窗口 3`].join("\n");
    await send(text);
    await send(text);
    // As another program makes them: docs/facts.md.
    const made = ["a3635267-b00b-5a95-a37e-42077609ccc7", "3825f97b-b33c-5498-9cd0-947ee58eac25", "a3635267-b00b-5a95-a37e-42077609ccc7"];
    expect(sent.map(({ id }) => id)).toEqual([...made, ...made]);
    // Another department's word is another fact.
    await send(text, 8);
    expect(sent.at(-1)?.id).toBe("46d864ff-c45b-5551-bebc-d3b942d604d1");
  });

  it("is paused after a batch, goes on, and is given up", async () => {
    const file = new FactsFile();
    file.read("a.csv", [HEAD, ...Array.from({ length: 3_500 }, (_, i) => row(String(i)))].join("\n"));
    const report = (facts: readonly FactReport[]) => {
      file.pause();
      return Promise.resolve(taken(facts));
    };
    await file.send(report);
    expect([file.sent, file.busy, file.cancelled]).toEqual([1_000, false, false]);
    await file.send(report);
    expect(file.sent).toBe(2_000);
    await file.send((facts) => {
      file.cancel();
      return Promise.resolve(taken(facts));
    });
    expect([file.sent, file.accepted, file.cancelled]).toEqual([3_000, 3_000, true]);
  });

  it("goes on under the same identifiers when the connection was lost", async () => {
    const file = new FactsFile([0]);
    file.read("a.csv", [HEAD, ...Array.from({ length: 1_600 }, (_, i) => row(String(i)))].join("\n"));
    const sent: FactReport[][] = [];
    await file.send((facts) => {
      sent.push([...facts]);
      return sent.length === 2 || sent.length === 3 ? Promise.reject(new Refusal("network")) : Promise.resolve(taken(facts));
    });
    expect([file.accepted, file.refusal, file.waiting]).toEqual([1_600, null, false]);
    expect(sent).toHaveLength(4);
    expect(sent[1]).toEqual(sent[3]);
  });

  it("stops at what no waiting helps", async () => {
    const file = new FactsFile([0]);
    file.read("a.csv", [HEAD, row("1")].join("\n"));
    await file.send(() => Promise.reject(new Refusal("forbidden")));
    expect([file.sent, file.refusal?.code, file.busy]).toEqual([0, "forbidden", false]);
  });

  it("gives the refused rows back as a file with what is wrong", async () => {
    const file = new FactsFile();
    file.read("a.csv", [HEAD, row("350100190001010012")].join("\n"));
    await file.send((facts) =>
      Promise.resolve(facts.map(({ id }) => ({ id, outcome: "rejected", field: "occurred_at", reason: "in-the-future" }))),
    );
    expect(readCsv(file.refusedCsv())[1]?.cells.slice(-2)).toEqual(["occurred_at", "in-the-future"]);
  });
});
