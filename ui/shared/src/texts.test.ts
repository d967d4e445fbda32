// @vitest-environment node
import { describe, expect, it } from "vitest";
import { problemsOf } from "../scripts/texts.mjs";

const CHINESE = { greet: "{name}，您好", rest: "还有 {n} 条" };
const ENGLISH = { greet: "Good morning, dear {name}", rest: "{n} {n|entry|entries} left" };
const check = (tag: string, texts: Record<string, string>) => problemsOf("file", tag, texts, CHINESE, ENGLISH);

describe("the check of texts", () => {
  it.each([
    ["en", ENGLISH],
    ["fr", { greet: "Bonjour {name}", rest: "encore {n} {n|passage|passages}" }],
    ["ru", { greet: "{name}, здравствуйте", rest: "ещё {n} {n|запись|записи|записей}" }],
    ["ja", { greet: "{name} さん、こんにちは", rest: "あと {n} 件" }],
    ["where", { greet: "On top.", rest: "Below." }],
  ])("takes what is right: %s", (tag, texts) => {
    expect(check(tag, texts)).toEqual([]);
  });

  it.each([
    ["fr", { greet: "Bonjour {name}" }, "missing"],
    ["fr", { greet: " ", rest: "encore {n}" }, "empty"],
    ["fr", { greet: "Bonjour {nom}", rest: "encore {n}" }, "has {nom}"],
    ["fr", { greet: ENGLISH.greet, rest: "encore {n}" }, "still the English text"],
    ["fr", { greet: "Bonjour {name}", rest: "encore {n} {n|un|deux|trois}" }, "has 3 forms"],
    ["ru", { greet: "{name}, здравствуйте", rest: "ещё {n} {n|запись|записи}" }, "has 2 forms"],
    ["ja", { greet: "{name} さん", rest: "あと {n} {n|件|件}" }, "has 2 forms"],
    ["fr", { greet: "Bonjour {name}", rest: "encore {n} {n|un" }, "brace"],
    ["fr", { greet: "Bonjour {name}", rest: "encore {n}", more: "plus" }, "in no other language"],
  ])("refuses what is not, in %s: %o", (tag, texts, complaint) => {
    const problems = check(tag, texts);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(complaint);
  });
});
