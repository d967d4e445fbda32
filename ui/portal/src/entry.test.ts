import { describe, expect, it } from "vitest";
import { credentialsProblem, registrationProblem, tidyName, tidyNumber, tidyPhone } from "./entry";
import type { Registration } from "./wire";

const good: Registration = {
  document_type: "resident-id",
  number: "350100190001010012",
  name: "林平安",
  phone: "13800000000",
  password: "12345678",
};

describe("registrationProblem", () => {
  it.each<[Partial<Registration>, string | null, string]>([
    [{}, null, "all is well"],
    [{ number: "" }, "number", "an empty number"],
    [{ name: "" }, "name", "an empty name"],
    [{ name: "林".repeat(60) }, null, "the longest name"],
    [{ name: "林".repeat(61) }, "name", "one character more"],
    [{ phone: "1380000000" }, "phone", "ten digits"],
    [{ phone: "138000000000" }, "phone", "twelve digits"],
    [{ phone: "+123456" }, null, "the shortest foreign number"],
    [{ phone: "+12345" }, "phone", "one digit less"],
    [{ phone: `+${"1".repeat(15)}` }, null, "the longest foreign number"],
    [{ phone: `+${"1".repeat(16)}` }, "phone", "one digit more"],
    [{ password: "1234567" }, "password", "seven characters"],
    [{ password: "x".repeat(128) }, null, "the longest password"],
    [{ password: "x".repeat(129) }, "password", "one character more"],
    [{ number: "", phone: "" }, "number", "two empty fields: the upper one"],
  ])("%o names %s: %s", (change, field) => {
    expect(registrationProblem({ ...good, ...change })?.field ?? null).toBe(field);
  });

  it("repeats nothing that was typed", () => {
    const problem = registrationProblem({ ...good, phone: "999888777" });
    expect(JSON.stringify(problem)).not.toContain("999888777");
  });
});

it.each([
  [{ phone: "13800000000", password: "x" }, null],
  [{ phone: "", password: "x" }, "phone"],
  [{ phone: "123", password: "x" }, "phone"],
  [{ phone: "13800000000", password: "" }, "password"],
])("credentialsProblem(%o) names %s", (credentials, field) => {
  expect(credentialsProblem(credentials)?.field ?? null).toBe(field);
});

it("tidies what people type", () => {
  expect(tidyPhone(" 138 0000-0000")).toBe("13800000000");
  expect(tidyPhone("+44 (20) 7946 0000")).toBe("+442079460000");
  expect(tidyPhone("\uff11\uff13\uff18")).toBe("138");
  expect(tidyNumber(" 35010019000101001x ")).toBe("35010019000101001X");
  expect(tidyName("  Anna   Maria ERIKSSON ")).toBe("Anna Maria ERIKSSON");
});
