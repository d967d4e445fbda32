import { describe, expect, it, vi } from "vitest";
import { flushSync } from "svelte";
import { LANGUAGES, fetchLanguage } from "@yanma/shared";
import { verdictOf } from "./platform/demo/people";
import { preferences } from "./state/preferences.svelte";
import { desk, eachInAWindow, fill, find, open, press, settle, text } from "./testing";

eachInAWindow();

describe("the verdict panel", () => {
  it("is idle, and says so, until somebody comes", async () => {
    await open();
    expect(find("verdict")?.dataset["decision"]).toBe("idle");
    expect(text("verdict")).toContain("请出示健康码或证件");
    expect(text("verdict")).toContain("Show a code or a card");
  });

  it.each([
    ["admit", "admit", "放行", "ADMIT", []],
    ["orange", "refuse", "不放行", "REFUSE", ["C-ORA"]],
    ["expired", "refer", "人工处理", "REFER", ["S-EXP"]],
    ["mismatch", "refer", "人工处理", "REFER", ["I-MIS", "C-ONL", "D-OLD"]],
  ])("%s", async (sketch, decision, zh, en, codes) => {
    await open();
    const verdict = verdictOf(sketch);
    desk.hear(verdict);
    flushSync();
    expect(find("verdict")?.dataset).toMatchObject({ decision, entry: verdict.entry });
    expect(find("verdict")?.querySelector("h1")?.textContent).toContain(zh);
    expect(find("verdict")?.querySelector("h1")?.textContent).toContain(en);
    const shown = [...document.querySelectorAll<HTMLElement>('[data-testid="reasons"] [data-code]')];
    expect(shown.map((e) => e.dataset["code"])).toEqual(codes);
    const aloud = document.querySelector('[aria-live="assertive"]')?.textContent ?? "";
    expect(aloud).toContain(zh);
    for (const code of codes) expect(aloud).toContain(code);
  });

  it("states the age of the data it judged on", async () => {
    await open();
    desk.hear(verdictOf("expired"));
    flushSync();
    expect(text("verdict-age")).toBe("按本台数据判定 · 7 分钟前的数据");
  });

  it("marks a correction with what it was before", async () => {
    await open();
    desk.hear(verdictOf("admit"));
    desk.hear(verdictOf("corrected"));
    flushSync();
    expect(text("verdict-corrected")).toMatch(/^已更正 放行 ?不放行$/);
  });

  it("tells an earlier entry from the present person", async () => {
    await open();
    await press("F7");
    expect(text("verdict")).toContain("不是当前来客");
    await press("Escape");
    expect(find("verdict")?.dataset["decision"]).toBe("idle");
  });
});

describe("by keyboard alone", () => {
  it.each([
    ["F2", "nav-log"],
    ["F3", "nav-devices"],
    ["F4", "nav-settings"],
    ["F1", "nav-check"],
  ])("%s opens %s", async (key, nav) => {
    await open();
    await press(key);
    expect(find(nav)?.getAttribute("aria-current")).toBe("page");
  });

  it("F6 is ready for a number, / for a search, Esc goes back", async () => {
    await open();
    await press("F6");
    expect(document.activeElement).toBe(find("manual-number"));
    await press("F1");
    find("nav-check")?.focus();
    await press("/");
    expect(document.activeElement).toBe(find("log-search"));
    await press("Escape");
    expect(find("nav-check")?.getAttribute("aria-current")).toBe("page");
  });

  it("types a slash where a slash is wanted", async () => {
    await open();
    await press("F6");
    expect((await press("/")).defaultPrevented).toBe(false);
    expect(document.activeElement).toBe(find("manual-number"));
  });

  it("F8 switches the language while running", async () => {
    await open();
    desk.hear(verdictOf("orange"));
    await press("F8");
    expect(document.documentElement.lang).toBe("en");
    expect(text("nav-log")).toContain("Log");
    expect(find("verdict")?.querySelector("h1")?.textContent).toMatch(/^REFUSE/);
  });

  it("F8 changes places between the two languages that were chosen", async () => {
    await Promise.all(LANGUAGES.map(fetchLanguage));
    await open();
    await press("F4");
    const choose = (id: string, value: string) => {
      const field = find<HTMLSelectElement>(id);
      if (!field) throw new Error(`no ${id}`);
      field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    choose("settings-second", "fr");
    await settle();
    expect(find("language")?.textContent).toContain("Français");
    await press("F8");
    expect(document.documentElement.lang).toBe("fr");
    expect(find("language")?.textContent).toContain("简体中文");
    await press("F8");
    expect(document.documentElement.lang).toBe("zh-CN");
    choose("choose-language", "zh-Hant");
    await settle();
    expect(document.documentElement.lang).toBe("zh-Hant");
    expect(find("language")?.textContent, "the second stays").toContain("Français");
    preferences.set({ second: null });
  });
});

describe("a scanner that types", () => {
  const CODE = "9".repeat(91);

  async function scan(): Promise<void> {
    let at = 5000;
    for (const digit of CODE) await press(digit, (at += 3));
    await press("Enter", at + 3);
    // Over when nothing more comes.
    const shown = "[data-testid='verdict']:not([data-decision='idle']), [data-testid='verdict-strip']";
    await vi.waitFor(() => expect(document.querySelector(shown)).not.toBeNull(), 5000);
    await settle();
  }

  it("is heard on any screen and brings the verdict forward", async () => {
    await open();
    await press("F4");
    await scan();
    expect(find("nav-check")?.getAttribute("aria-current")).toBe("page");
    expect(find("verdict")?.dataset["decision"]).not.toBe("idle");
  });

  it("can be tried on the devices screen, where the verdict comes as a strip", async () => {
    await open();
    await press("F3");
    await scan();
    expect(find("nav-devices")?.getAttribute("aria-current")).toBe("page");
    expect(text("wedge-test")).toContain("91");
    expect(text("wedge-test")).toContain("Enter");
    expect(find("verdict-strip")).not.toBeNull();
    expect(document.querySelector('[aria-live="assertive"]')?.textContent).not.toBe("");
  });

  it("is tried on the screen's own codes, and no desk hears of it", async () => {
    await open();
    await press("F3");
    find("trial-open")?.click();
    await settle();
    const present = vi.spyOn(desk.platform, "presentText");
    let at = 9000;
    for (const character of "YANMA-TRIAL aZ9:/=") await press(character, (at += 8));
    await vi.waitFor(() => expect(find("trial-result")?.dataset["finding"]).toBe("other"), 5000);
    expect(find("trial-result")?.dataset["via"]).toBe("wedge");
    expect(text("trial-result")).toContain("18 个字符里只有 17 个");
    expect(find("trial-slow")).not.toBeNull();
    expect(present).not.toHaveBeenCalled();
    find("trial-close")?.click();
    await settle();
    expect(find("trial")).toBeNull();
  });

  it("is heard without what it adds, once the desk was told to take that off", async () => {
    await open();
    await press("F3");
    find("trial-open")?.click();
    await settle();
    let at = 9000;
    for (const character of "*]C0YANMA-TRIAL aZ9:/_#") await press(character, (at += 8));
    await vi.waitFor(() => expect(find("trial-result")?.dataset["finding"]).toBe("around"), 5000);
    expect(text("trial-result")).toContain("*…#");
    find("trial-take-off")?.click();
    await vi.waitFor(() => expect(find("trial-result")?.dataset["finding"]).toBe("exact"), 5000);
    expect(desk.settings?.scannerPrefix).toBe("*");
    expect(desk.settings?.scannerSuffix).toBe("#");
    find("trial-close")?.click();
    await settle();
    fill("scanner-prefix", "\\x02");
    find("affixes-use")?.click();
    await vi.waitFor(() => expect(desk.settings?.scannerPrefix).toBe("\\x02"), 5000);
    expect(desk.settings?.scannerSuffix).toBe("#");
  });

  it("is set with its maker's barcode, one at a time, and no desk hears of one that came as text", async () => {
    await open("camera=off&scanner=rakinda");
    await press("F3");
    find("trial-open")?.click();
    await settle();
    find("setup-open")?.click();
    await vi.waitFor(() => expect(find("setup-barcode")).not.toBeNull());
    expect(find("trial-qr")).toBeNull();
    expect(find<HTMLSelectElement>("setup-family")?.value).toBe("rakinda");
    expect(text("setup")).toContain("第 1 个码，共 3 个");
    const first = find("setup-barcode")?.innerHTML;
    find("setup-next")?.click();
    await settle();
    expect(text("setup")).toContain("第 2 个码，共 3 个");
    expect(find("setup-barcode")?.innerHTML).not.toBe(first);
    const present = vi.spyOn(desk.platform, "presentText");
    let at = 9000;
    for (const character of "@INTERF8") await press(character, (at += 8));
    await vi.waitFor(() => expect(find("setup-as-text")).not.toBeNull(), 5000);
    expect(present).not.toHaveBeenCalled();
    find("setup-again")?.click();
    await settle();
    expect(find("trial-qr")).not.toBeNull();
    expect(find("trial-result")?.dataset["finding"]).toBe("none");
  });

  it("presses no button that has the focus", async () => {
    await open();
    find("nav-devices")?.focus();
    const clicked = vi.fn();
    find("nav-devices")?.addEventListener("click", clicked);
    await scan();
    expect(clicked).not.toHaveBeenCalled();
  });
});

describe("a number typed by hand", () => {
  async function type(number: string): Promise<HTMLInputElement> {
    const field = find<HTMLInputElement>("manual-number");
    if (!field) throw new Error("no field");
    field.value = number;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    field.form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await settle();
    return field;
  }

  it("is cleared once it is understood", async () => {
    await open();
    const field = await type("350100190001010004");
    expect(find("verdict")?.dataset["decision"]).toBe("refuse");
    expect(field.value).toBe("");
  });

  it("is kept to be compared when a digit is wrong", async () => {
    await open();
    const field = await type("35010019000101000");
    expect(find("verdict")?.dataset["decision"]).toBe("refer");
    expect(field.value).toBe("35010019000101000");
  });
});

describe("what the desk says about itself", () => {
  it("shows connection, age and entries to be sent", async () => {
    await open("camera=off&net=offline&tier=old");
    expect(find("status-connection")?.dataset["state"]).toBe("offline");
    expect(text("status-age")).toContain("5 小时前的数据");
    expect(text("status-outbox")).toContain("37");
  });

  it("shows notices with words and code", async () => {
    await open("camera=off&notice=DISK-FULL");
    expect(find("notice")?.dataset["code"]).toBe("DISK-FULL");
    expect(text("notice")).toContain("磁盘已满");
  });

  it("says which file was refused, why, and what it goes on with", async () => {
    await open("camera=off&notice=FEED-REFUSED&refused=foreign");
    expect(text("notice")).toContain("FEED-SIG");
    await press("F3");
    expect(find("refusal")?.dataset["code"]).toBe("FEED-SIG");
    expect(text("refusal")).toContain("status-1481-1482-9f3c0a77d1e2b845.yf");
    expect(text("refusal")).toContain("签名无效");
    expect(text("refusal")).toContain("本台继续使用");
    expect(text("refusal")).toContain("不再下载");
  });

  it("says that a file which came damaged is fetched again", async () => {
    await open("camera=off&notice=FEED-REFUSED&refused=damaged");
    await press("F3");
    expect(text("refusal")).toContain("重新下载");
  });

  it("says how far a long sync is", async () => {
    await open("camera=off&sync=fetch");
    expect(text("status-sync")).toBe("证件目录：12.3 / 171.3 MB");
    expect(find("status-sync")?.querySelector("progress")?.value).toBe(12_345_678);
  });

  it("says how far the building of a list is", async () => {
    await open("camera=off&sync=build");
    expect(text("status-sync")).toBe("证件目录：5,242,880 / 20,710,000 行");
  });

  it("says how old the lists of other issuers are, and which of them was refused", async () => {
    await open("camera=off&region=damaged");
    await press("F3");
    const regions = [...document.querySelectorAll('[data-testid="region"]')].map((it) => it.textContent ?? "");
    expect(regions).toHaveLength(3);
    expect(regions[0]).toContain("本台没有名单");
    expect(regions[1]).toContain("2 分钟前的数据");
    expect(regions[2]).toContain("3 小时前的数据");
    expect(regions[2]).toContain("FEED-SIG");
  });

  it("says how old the directories of the chosen cities are, and which is not there", async () => {
    await open("camera=off&cities");
    await press("F3");
    const cities = [...document.querySelectorAll('[data-testid="city"]')].map((it) => it.textContent ?? "");
    expect(cities).toHaveLength(2);
    expect(cities[0]).toContain("福州市");
    expect(cities[1]).toContain("本台没有；其证件");
  });

  it("says nothing of files while none was refused", async () => {
    await open("camera=off");
    await press("F3");
    expect(find("refusal")).toBeNull();
  });

  it("names file, line and key of a scene that cannot be used, and says what is used", async () => {
    await open("camera=off&notice=SCENE-FILE");
    expect(text("notice")).toContain("使用程序自带的场景");
    const faults = [...document.querySelectorAll('[data-testid="scene-fault"]')].map((e) => e.textContent?.replace(/\s+/g, " ").trim());
    expect(faults).toEqual([
      expect.stringMatching(/^hotel\.toml 第 22 行 slep unknown field `slep`/),
      "school.toml larger than 256 KiB",
    ]);
  });

  it("asks to be enrolled first, and names the field that is wrong", async () => {
    await open("camera=off&enrolled=0");
    expect(find("verdict")).toBeNull();
    const fill = (id: string, value: string) => {
      const field = find<HTMLInputElement>(id);
      if (!field) throw new Error(id);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const submit = async () => {
      find<HTMLInputElement>("enrol-url")?.form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      await settle();
    };
    fill("enrol-url", "http://127.0.0.1:8080");
    fill("enrol-code", "x");
    fill("enrol-name", "东门 1 号台");
    await submit();
    expect(find("enrol-code")?.getAttribute("aria-invalid")).toBe("true");
    fill("enrol-code", "ABCD-2345");
    await submit();
    expect(find("verdict")?.dataset["decision"]).toBe("idle");
  });
});

describe("what was done", () => {
  it("asks what the scene asks, and offers what it does after this verdict", async () => {
    await open("camera=off&scene=hospital");
    desk.hear(verdictOf("admit"));
    flushSync();
    expect(find("finish-purpose-visit")).not.toBeNull();
    expect(find("finish-temperature")).not.toBeNull();
    expect(text("finish-do-sent")).toBe("引导至发热门诊");
    expect(find("finish-override"), "nothing to override").toBeNull();
  });

  it("names the field that is missing, and keeps the person on the screen", async () => {
    await open("camera=off&scene=hospital");
    desk.hear(verdictOf("admit"));
    flushSync();
    find("finish-do-admitted")?.click();
    await settle();
    expect(find("verdict")?.dataset["decision"]).toBe("admit");
    expect(find("finish")?.querySelector('[role="alert"]')?.textContent).toBe("请填写这一项");
    find("finish-purpose-visit")?.click();
    fill("finish-temperature", "36.5");
    find("finish-do-admitted")?.click();
    await settle();
    expect(find("verdict")?.dataset["decision"], "ready for the next").toBe("idle");
    expect(desk.finished?.action).toBe("admitted");
  });

  it("takes a slip and a thermometer into the form, and asks a carer for the patient", async () => {
    await open("scene=hospital&filled=36.8");
    desk.hear(verdictOf("admit"));
    await vi.waitFor(() => expect(text("finish-filled")).toBe("已填入：预约号"), 3000);
    expect(find<HTMLInputElement>("finish-temperature")?.value).toBe("36.8");
    expect(find<HTMLInputElement>("finish-appointment")?.value).toBe("YY-20261126-017");
    expect(find("finish-patient")?.getAttribute("aria-required")).toBe("false");
    find("finish-purpose-carer")?.click();
    await settle();
    expect(find("finish-patient")?.getAttribute("aria-required")).toBe("true");
    find("finish-do-admitted")?.click();
    await vi.waitFor(() => expect(find("finish")?.querySelector('[role="alert"]')?.textContent).toBe("请填写这一项"));
    fill("finish-patient", "3-12");
    find("finish-do-admitted")?.click();
    await vi.waitFor(() => expect(find("finished")).not.toBeNull());
  });

  it("takes F10 for the usual action", async () => {
    await open("camera=off&scene=general");
    desk.hear(verdictOf("admit"));
    flushSync();
    await press("F10");
    await settle();
    expect(desk.finished?.action).toBe("admitted");
  });

  it("lets nobody in against a refusal without a reason", async () => {
    await open("camera=off&scene=general&staffed");
    desk.hear(verdictOf("orange"));
    flushSync();
    expect(find("finish-do-admitted")).toBeNull();
    find("finish-override")?.click();
    flushSync();
    expect(find<HTMLButtonElement>("override-allow")?.disabled).toBe(true);
    fill("override-pin", "2580");
    fill("override-reason", "急诊");
    expect(find<HTMLButtonElement>("override-allow")?.disabled).toBe(false);
    find("override-allow")?.click();
    await settle();
    expect(desk.finished?.action).toBe("admitted");
  });
});

describe("what goes out of the desk", () => {
  it("is done with whoever went through the turnstile", async () => {
    await open("camera=off&scene=general&passage=turned");
    const verdict = { ...verdictOf("admit"), entry: "demo" };
    desk.hear(verdict);
    flushSync();
    expect(find("verdict")?.dataset["decision"]).toBe("admit");
    vi.advanceTimersByTime(700);
    await settle();
    expect(find("verdict")?.dataset["decision"], "ready for the next").toBe("idle");
    expect(find("passage")?.dataset["passage"]).toBe("turned");
    desk.hear(verdictOf("orange"));
    flushSync();
    expect(find("passage"), "of the person before").toBeNull();
  });

  it.each(["notTurned", "late", "failed"])("%s stands out, and the verdict stays", async (passage) => {
    await open(`camera=off&scene=general&passage=${passage}`);
    desk.hear({ ...verdictOf("admit"), entry: "demo" });
    vi.advanceTimersByTime(700);
    await settle();
    expect(find("verdict")?.dataset["decision"]).toBe("admit");
    expect(find("passage")?.getAttribute("role")).toBe("alert");
  });

  it("says why a slip did not come out until it is printed again", async () => {
    await open("camera=off&scene=hospital&slip=failed");
    vi.advanceTimersByTime(700);
    await settle();
    expect(text("slip")).toContain("缺纸");
    desk.hear(verdictOf("admit"));
    flushSync();
    expect(text("slip"), "the next person does not make it good").toContain("缺纸");
    find("slip-again")?.click();
    await settle();
    expect(find("slip")?.dataset["slip"]).toBe("printed");
  });
});

describe("after what was done", () => {
  async function recorded(wish: string, temperature: string): Promise<void> {
    await open(`camera=off&scene=hospital&${wish}`);
    desk.hear(verdictOf("admit"));
    flushSync();
    find("finish-purpose-visit")?.click();
    fill("finish-temperature", temperature);
    find("finish-do-admitted")?.click();
    await settle();
  }

  it("says what was recorded until the next person comes", async () => {
    await recorded("", "36.5");
    expect(text("finished")).toContain("已记录：已放行");
    expect(find("finished-fever")).toBeNull();
    expect(find("finished-unwritten")).toBeNull();
    desk.hear(verdictOf("admit"));
    flushSync();
    expect(find("finished")).toBeNull();
  });

  it("shows a fever, and where it leads", async () => {
    await recorded("", "38,4");
    expect(text("finished-fever")).toContain("发热门诊");
  });

  it("says so when the entry is not on the disk yet", async () => {
    await recorded("notice=DISK-FULL", "36.5");
    expect(text("finished-unwritten")).toContain("请勿关机");
  });

  it("calls back whom the authority stopped after they were let in", async () => {
    await open("camera=off&scene=general");
    desk.hear(verdictOf("admit"));
    desk.hear(verdictOf("gone"));
    flushSync();
    expect(text("verdict-already-done")).toContain("已放行");
  });
});

describe("the register of guests", () => {
  it("opens with the card's data after a guest was let in, and names what is missing", async () => {
    await open("camera=off&scene=hotel&draft");
    desk.hear(verdictOf("booked"));
    flushSync();
    find("finish-do-admitted")?.click();
    await settle();
    find("finished-register")?.click();
    await settle();
    await settle();
    expect(find<HTMLInputElement>("guest-document")?.value).toBe("350100190001010012");
    find("guest-save")?.click();
    await settle();
    expect(find("guest-form")?.querySelector('[role="alert"]')?.textContent).toContain("请填写住址");
    fill("guest-address", "福州市鼓楼区东街 1 号");
    fill("guest-room", "1208");
    find("guest-save")?.click();
    await settle();
    await settle();
    expect(text("register-said")).toContain("房间 1208");
    expect(document.querySelectorAll('[data-testid="guest"]')).toHaveLength(5);
  });

  it("counts foreigners still to be reported, and checks out", async () => {
    await open("camera=off&scene=hotel&staffed");
    await press("F11");
    await settle();
    find("guests-register")?.click();
    await settle();
    expect(text("register-owed")).toContain("1 位境外旅客");
    find("guest-reported")?.click();
    await settle();
    expect(find("register-owed")).toBeNull();
    find("guest-out")?.click();
    await settle();
    expect(document.querySelectorAll('[data-testid="guest"]')).toHaveLength(3);
  });
});

describe("rights", () => {
  it("an operator sees what is locked and by whom it is changed", async () => {
    await open("camera=off&scene=hotel&operator");
    await press("F4");
    await settle();
    expect(find<HTMLSelectElement>("settings-scene")?.disabled).toBe(true);
    expect(document.querySelector("main")?.textContent).toContain("须由班长更改");
    expect(find("enrol-url")).toBeNull();
    expect(document.querySelector("main")?.textContent).toContain("须由管理员办理");
  });
});

describe("the shift", () => {
  it("asks who it is before anything else, and says what is wrong", async () => {
    await open("camera=off&signin");
    expect(find("sign-in")).not.toBeNull();
    expect(find("verdict")).toBeNull();
    find("sign-in-wang")?.click();
    await settle();
    const pin = find<HTMLInputElement>("sign-in-pin");
    for (const value of ["0000", "9031"]) {
      if (!pin) throw new Error("no pin");
      pin.value = value;
      pin.dispatchEvent(new Event("input", { bubbles: true }));
      flushSync();
      find("sign-in-go")?.click();
      await settle();
      if (value === "0000") expect(document.querySelector("#pin-problem")?.textContent).toBe("姓名与口令不符");
    }
    expect(find("sign-in")).toBeNull();
    expect(desk.staff?.signedIn?.id).toBe("wang");
  });

  it("counts the day, and shows who did what to those who may see it", async () => {
    await open("camera=off&staffed");
    await press("F5");
    await settle();
    expect(text("shift-total")).toBe("559");
    expect(text("shift-admit")).toBe("519");
    expect(find("shift")?.textContent).toContain("特殊放行");
    find("sign-out")?.click();
    await settle();
    expect(find("sign-in")).not.toBeNull();
  });
});
