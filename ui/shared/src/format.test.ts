import { describe, expect, it } from "vitest";
import { ago, dataAge } from "./format";
import { fill } from "./translate";
import { reasonWords } from "./words";

describe("age of data", () => {
  it.each([
    [null, "没有数据", "no data"],
    [0, "刚刚更新的数据", "data just updated"],
    [59, "刚刚更新的数据", "data just updated"],
    [60, "1 分钟前的数据", "data 1 min old"],
    [7 * 60 + 59, "7 分钟前的数据", "data 7 min old"],
    [3599, "59 分钟前的数据", "data 59 min old"],
    [3600, "1 小时前的数据", "data 1 h old"],
    [48 * 3600 - 1, "47 小时前的数据", "data 47 h old"],
    [48 * 3600, "2 天前的数据", "data 2 days old"],
  ])("%s s", (seconds, zh, en) => {
    expect(dataAge(seconds, "zh-CN")).toBe(zh);
    expect(dataAge(seconds, "en")).toBe(en);
  });

  it("counts one day in the singular in lists", () => {
    expect(ago(86_400, "en")).toBe("1 day ago");
    expect(ago(2 * 86_400, "en")).toBe("2 days ago");
  });
});

describe("fill", () => {
  it.each([
    ["{n} {n|entry|entries}", { n: 1 }, "1 entry"],
    ["{n} {n|entry|entries}", { n: 0 }, "0 entries"],
    ["{who} at {where}", { who: "A", where: "B" }, "A at B"],
    ["{who} at {where}", { who: "A" }, "A at {where}"],
  ])("%s", (text, values, expected) => {
    expect(fill(text, values)).toBe(expected);
  });
});

describe("reason words", () => {
  it("shows an unknown code as itself", () => {
    expect(reasonWords("Z-NEW", "en").title).toBe("Z-NEW");
  });

  it("never says invalid", async () => {
    const book = await import("../../../assets/words/reasons.json");
    expect(JSON.stringify(book)).not.toMatch(/\binvalid\b|无效/i);
  });
});
