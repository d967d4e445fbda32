import { describe, expect, it } from "vitest";
import { ago, dataAge } from "./format";
import "./every-language";
import { LANGUAGES, fetchLanguage, language, otherLanguage } from "./language.svelte";
import { fill } from "./translate";
import { inLanguage, reasonWords } from "./words";

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

  it.each([
    [1, "1 запись"],
    [2, "2 записи"],
    [5, "5 записей"],
    [11, "11 записей"],
    [21, "21 запись"],
    [1.5, "1.5 записей"],
  ])("knows the three forms of Russian: %s", (n, expected) => {
    expect(fill("{n} {n|запись|записи|записей}", { n }, "ru")).toBe(expected);
  });

  it("counts none in the singular in French, and takes the last form for what has no other", () => {
    expect(fill("{n} {n|nuit|nuits}", { n: 0 }, "fr")).toBe("0 nuit");
    expect(fill("{n} {n|nuit|nuits}", { n: 1_000_000 }, "fr")).toMatch(/^1.000.000 nuits$/);
  });

  it("groups long numbers as the language does, and leaves short ones as they are read out", () => {
    expect(fill("{n}", { n: 1482 }, "en")).toBe("1482");
    expect(fill("{n}", { n: 20_710_000 }, "en")).toBe("20,710,000");
    expect(fill("{n}", { n: 20_710_000 }, "vi")).toBe("20.710.000");
  });
});

describe("a language", () => {
  it("is fetched when somebody chooses it, and the last choice wins", async () => {
    const slow = language.choose("ko");
    const quick = language.choose("en");
    await Promise.all([slow, quick]);
    expect(language.current).toBe("en");
    await language.choose("ko");
    expect(document.documentElement.lang).toBe("ko");
    expect(dataAge(null)).toBe("데이터 없음");
    await language.choose("zh-CN");
  });

  it("never stands second beside itself", async () => {
    await language.chooseSecond("fr");
    expect(language.second).toBe("fr");
    await language.choose("fr");
    expect(language.second).toBe("zh-CN");
    await language.choose("zh-CN");
    await language.chooseSecond(null);
    expect(LANGUAGES.map(otherLanguage)).toEqual(LANGUAGES.map((named) => (named.startsWith("zh") ? "en" : "zh-CN")));
  });

  it("says what ships in every language, and what a place wrote itself as it was written", async () => {
    await Promise.all(LANGUAGES.map(fetchLanguage));
    const clinic = { zh: "发热门诊", en: "Fever clinic" };
    expect(new Set(LANGUAGES.map((named) => inLanguage(clinic, named))).size).toBe(LANGUAGES.length);
    const own = { zh: "榕城酒店", en: "Rongcheng Hotel" };
    expect(inLanguage(own, "zh-Hant")).toBe("榕城酒店");
    expect(inLanguage(own, "ru")).toBe("Rongcheng Hotel");
  });

  it("has the words of a reason", async () => {
    await fetchLanguage("es");
    expect(reasonWords("S-EXP", "es").title).toBe("El código es demasiado antiguo");
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
