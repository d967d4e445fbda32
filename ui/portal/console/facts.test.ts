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

  it("goes on where it stopped, under the same identifiers", async () => {
    const file = new FactsFile();
    file.read("a.csv", [HEAD, ...Array.from({ length: 600 }, (_, i) => row(String(i)))].join("\n"));
    const sent: FactReport[][] = [];
    let fails = true;
    const report = (facts: readonly FactReport[]) => {
      sent.push([...facts]);
      if (sent.length === 2 && fails) {
        fails = false;
        return Promise.reject(new Refusal("network"));
      }
      return Promise.resolve(taken(facts));
    };
    await file.send(report);
    expect([file.sent, file.refusal?.code]).toEqual([500, "network"]);
    await file.send(report);
    expect([file.accepted, file.refusal]).toEqual([600, null]);
    expect(sent[1]).toEqual(sent[2]);
  });

  it("gives the refused rows back as a file with what is wrong", async () => {
    const file = new FactsFile();
    file.read("a.csv", [HEAD, row("350100190001010012")].join("\n"));
    await file.send((facts) =>
      Promise.resolve(facts.map(({ id }) => ({ id, outcome: "rejected", field: "occurred_at", reason: "in-the-future" }))),
    );
    expect(readCsv(file.refusedCsv())[1]?.slice(-2)).toEqual(["occurred_at", "in-the-future"]);
  });
});
