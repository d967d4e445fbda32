import { describe, expect, it } from "vitest";
import { csvCaller, httpAuthority, Refusal } from "./api";

function answering(status: number, body: string | null): typeof fetch {
  return () => Promise.resolve(new Response(body, { status }));
}

async function refusal(fetcher: typeof fetch, timeoutMs = 1_000): Promise<Refusal> {
  try {
    await httpAuthority(fetcher, timeoutMs).me();
  } catch (cause) {
    if (cause instanceof Refusal) return cause;
    throw cause;
  }
  throw new Error("the call was expected to be refused");
}

describe("answers", () => {
  it("sends registrations as documented and gives the account", async () => {
    let seen: { path: unknown; init: RequestInit | undefined } | null = null;
    const account = {
      name_masked: "林*安",
      document_masked: "3501**********0012",
      document_type: "resident-id",
      level: "register-match",
    };
    const authority = httpAuthority((path, init) => {
      seen = { path, init };
      return Promise.resolve(new Response(JSON.stringify({ account }), { status: 201 }));
    });
    const registration = {
      document_type: "resident-id" as const,
      number: "350100190001010012",
      name: "林平安",
      phone: "13800000000",
      password: "correct horse",
    };
    await expect(authority.register(registration)).resolves.toEqual(account);
    expect(seen).toMatchObject({
      path: "/v1/accounts/register",
      init: { method: "POST", credentials: "same-origin", body: JSON.stringify(registration) },
    });
  });

  it("takes 204 as done", async () => {
    await expect(httpAuthority(answering(204, null)).withdraw(null)).resolves.toBeUndefined();
  });
});

describe("CSV", () => {
  const page = (body: string, headers: Record<string, string>, status = 200): typeof fetch =>
    () => Promise.resolve(new Response(body, { status, headers }));

  it("is given with where the next page begins", async () => {
    const headers = { "content-type": "text/csv; charset=utf-8", "yanma-next": "7" };
    await expect(csvCaller(page("a\r\n", headers))("/")).resolves.toEqual({ text: "a\r\n", next: "7" });
  });

  it("is refused as everything else is", async () => {
    await expect(csvCaller(page("<html>", { "content-type": "text/html" }))("/")).rejects.toMatchObject({ code: "bad-answer" });
    const body = JSON.stringify({ code: "forbidden", message: "", field: null, retry_after_seconds: null });
    await expect(csvCaller(page(body, {}, 403))("/")).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("refusals", () => {
  const error = (code: unknown, field: unknown = null, retry: unknown = null) =>
    JSON.stringify({ code, message: "m", field, retry_after_seconds: retry });

  it.each([
    { status: 422, body: error("bad-field", "number"), code: "bad-field", field: "number", retry: null },
    { status: 429, body: error("rate-limited", null, 30), code: "rate-limited", field: null, retry: 30 },
    { status: 401, body: error("unauthorised"), code: "unauthorised", field: null, retry: null },
    { status: 500, body: "<html>proxy</html>", code: "bad-answer", field: null, retry: null },
    { status: 418, body: error("teapot"), code: "bad-answer", field: null, retry: null },
    { status: 429, body: error("rate-limited", 7, -1), code: "rate-limited", field: null, retry: null },
    { status: 200, body: "<html>café login</html>", code: "bad-answer", field: null, retry: null },
    { status: 200, body: "[]", code: "bad-answer", field: null, retry: null },
  ])("$status $body", async ({ status, body, code, field, retry }) => {
    const seen = await refusal(answering(status, body));
    expect([seen.code, seen.field, seen.retryAfterSeconds]).toEqual([code, field, retry]);
  });

  it("says network when there is none", async () => {
    expect((await refusal(() => Promise.reject(new TypeError("failed")))).code).toBe("network");
  });

  it("says timeout when the answer stalls", async () => {
    const stalled: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      });
    expect((await refusal(stalled, 10)).code).toBe("timeout");
  });

  it("carries no text of the answer", async () => {
    const body = JSON.stringify({ code: "bad-field", message: "350100190001010012 is wrong", field: "number" });
    const seen = await refusal(answering(422, body));
    expect(`${seen.message} ${seen.stack ?? ""}`).not.toContain("350100190001010012");
  });
});
