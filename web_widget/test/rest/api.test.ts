import { describe, expect, test } from "vitest";
import { Api, ApiError } from "../../src/rest/api.ts";

interface Call {
  readonly address: string;
  readonly init: RequestInit;
}

function server(...answers: (Response | Error)[]): { api: Api; calls: Call[] } {
  const calls: Call[] = [];
  const api = new Api(new URL("https://shop.example/"), async (address, init) => {
    calls.push({ address, init });
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error("nothing more to answer");
    return answer;
  });
  return { api, calls };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

const NO_ANSWER = { zh: "没有答案。", en: "No answer." };
const SIGNED_IN = { me: { id: "s1", login: "lin", name: "Lin", roles: ["admin"] }, csrf: "token-1" };

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error("the call did not fail as it should");
  return error;
}

describe("the REST interface", () => {
  test("carries the CSRF token of the sign-in on everything that changes something", async () => {
    const versions = { current: "v1", versions: [] };
    const { api, calls } = server(json(SIGNED_IN), json(versions), json({ job: "j1" }, 202));
    await api.signIn("lin", "secret");
    await api.versions();
    await api.rollBack("v/1");
    const tokens = calls.map(({ init }) => (init.headers as Record<string, string>)["X-CSRF-Token"]);
    expect(tokens).toEqual([undefined, undefined, "token-1"]);
    expect(calls[2]?.address).toBe("https://shop.example/api/knowledge/versions/v%2F1/roll-back");
    expect(calls[0]?.init.body).toBe('{"login":"lin","password":"secret"}');
  });

  test("tells a refusal in both languages, with its code and wait", async () => {
    const message = { zh: "太多次", en: "Too many tries" };
    const { api } = server(json({ error: { code: "rate_limited", message, retry_after_seconds: 30 } }, 429));
    const error = await failure(api.signIn("lin", "x"));
    expect([error.code, error.status, error.both, error.retryAfterSeconds]).toEqual([
      "rate_limited",
      429,
      message,
      30,
    ]);
  });

  test("tells that the server cannot be reached", async () => {
    const { api } = server(new TypeError("Failed to fetch"));
    expect((await failure(api.me())).code).toBe("unreachable");
  });

  test.each([
    ["an answer of another shape", json({ me: "Lin" })],
    ["an answer that is no JSON", new Response("<html>", { status: 200 })],
  ])("refuses %s instead of showing nonsense", async (_name, answer) => {
    expect((await failure(server(answer).api.me())).code).toBe("nonsense");
  });

  test("keeps going when a proxy answers an error page", async () => {
    const { api } = server(new Response("<html>Bad gateway</html>", { status: 502 }));
    expect(await failure(api.me())).toMatchObject({ code: "http", status: 502 });
  });

  test("takes the empty answer of a sign-out", async () => {
    const { api } = server(new Response(null, { status: 204 }));
    expect(await api.signOut()).toBeNull();
  });

  test("reads a preview with its mapping, wordings and problems", async () => {
    const preview = {
      format: "csv",
      encoding: "gb18030",
      sheets: [],
      sheet: null,
      columns: ["问题", "答案", "相似"],
      header_row: 1,
      mapping: { question: "问题", answer: "答案", similar: ["相似"], has_header: true },
      rows: [{ 问题: "运费？", 答案: "十元", 相似: "邮费？" }],
      problems: [{ row: 4, column: "答案", code: "empty_answer", message: NO_ANSWER, severity: "error" }],
    };
    const { api } = server(json({ upload: "u1", name: "faq.csv", bytes: 120, preview }, 201));
    const upload = await api.upload(new File(["x"], "faq.csv"));
    expect(upload.preview?.mapping).toEqual(preview.mapping);
    expect(upload.preview?.sheet).toBe("");
    expect(upload.preview?.rows[0]).toEqual(preview.rows[0]);
    expect(upload.preview?.problems).toEqual(preview.problems);
  });

  test("reads the encodings to choose from where none can be told", async () => {
    const question = { zh: "无法判断文件的编码。", en: "The encoding cannot be told." };
    const choices = [{ encoding: "shift_jis", columns: ["q"], rows: [{ q: "返品" }] }];
    const { api } = server(
      json({ upload: "u1", name: "faq.csv", bytes: 12, question, encoding_choices: choices }, 201),
    );
    const upload = await api.upload(new File(["x"], "faq.csv"));
    expect(upload.preview).toBeUndefined();
    expect(upload.encoding_choices).toEqual(choices);
    expect(upload.question).toEqual(question);
  });
});
