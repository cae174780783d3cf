/** Every call of the REST interface (docs/api.md), typed; the only place that knows its addresses. */
import type { BothLanguages, Language } from "../wire/frames.ts";
import { Malformed, type Reader } from "../wire/readers.ts";
import type { Summary } from "../wire/staff_frames.ts";
import * as answers from "./answers.ts";
import * as knowledge from "./knowledge_answers.ts";
import { errorMessage } from "./lenient.ts";

/** An answer that is not what was asked for: the server said no, said nonsense, or could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly both: BothLanguages,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(both.en);
  }
}

const UNREACHABLE: BothLanguages = {
  zh: "无法连接服务器，请检查网络后重试。",
  en: "The server cannot be reached. Check the connection and try again.",
};
const NONSENSE: BothLanguages = {
  zh: "服务器的回答无法理解，请刷新页面。",
  en: "The server's answer makes no sense to this page. Reload it.",
};

type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export class Api {
  private csrf = "";

  constructor(
    private readonly base: URL,
    private readonly fetch: Fetch = (address, init) => globalThis.fetch(address, init),
  ) {}

  // Who is here
  async me(): Promise<answers.SignedIn> {
    return this.remember(await this.get("api/me", answers.signedIn));
  }

  async signIn(login: string, password: string): Promise<answers.SignedIn> {
    return this.remember(await this.post("api/sign-in", { login, password }, answers.signedIn));
  }

  signOut(): Promise<null> {
    return this.post("api/sign-out", {}, answers.nothing);
  }

  // Conversations
  conversations(): Promise<readonly Summary[]> {
    return this.get(`api/conversations?${query({ limit: "100" })}`, answers.summaries);
  }

  searchConversations(words: string): Promise<readonly answers.Found[]> {
    return this.get(`api/conversations/search?${query({ q: words, limit: "50" })}`, answers.found);
  }

  traces(conversation: string): Promise<Readonly<Record<string, answers.Trace>>> {
    return this.get(`api/conversations/${part(conversation)}/traces`, answers.traces);
  }

  // Knowledge
  upload(file: File): Promise<knowledge.Upload> {
    const form = new FormData();
    form.append("file", file);
    return this.call("POST", "api/knowledge/uploads", knowledge.upload, form);
  }

  preview(upload: string, options: knowledge.Options): Promise<knowledge.Upload> {
    return this.post(`api/knowledge/uploads/${part(upload)}/preview`, { options }, knowledge.upload);
  }

  dryRun(upload: string, options: knowledge.Options): Promise<string> {
    return this.post(`api/knowledge/uploads/${part(upload)}/dry-run`, { options }, knowledge.jobId);
  }

  publish(upload: string, options: knowledge.Options, note: string): Promise<string> {
    return this.post(`api/knowledge/uploads/${part(upload)}/publish`, { options, note }, knowledge.jobId);
  }

  forgetUpload(upload: string): Promise<null> {
    return this.call("DELETE", `api/knowledge/uploads/${part(upload)}`, answers.nothing);
  }

  job(id: string): Promise<knowledge.Job> {
    return this.get(`api/jobs/${part(id)}`, knowledge.job);
  }

  versions(): Promise<knowledge.Versions> {
    return this.get("api/knowledge/versions", knowledge.versions);
  }

  rollBack(version: string): Promise<string> {
    return this.post(`api/knowledge/versions/${part(version)}/roll-back`, {}, knowledge.jobId);
  }

  removeEntry(id: string, language: Language): Promise<string> {
    return this.post("api/knowledge/entries/remove", { id, language }, knowledge.jobId);
  }

  checkKnowledge(): Promise<string> {
    return this.post("api/knowledge/check", {}, knowledge.jobId);
  }

  search(words: string, language: Language | ""): Promise<knowledge.SearchAnswer> {
    const asked = language === "" ? { q: words, limit: "10" } : { q: words, limit: "10", language };
    return this.get(`api/knowledge/search?${query(asked)}`, knowledge.searchAnswer);
  }

  exportAddress(format: knowledge.ExportFormat): string {
    return this.addressOf(`api/knowledge/export?${query({ format })}`);
  }

  /** Where a link leads, for what a browser fetches by itself. */
  protected addressOf(path: string): string {
    return new URL(path, this.base).href;
  }

  // People
  staff(): Promise<readonly answers.Account[]> {
    return this.get("api/staff", answers.accounts);
  }

  addStaff(login: string, name: string, roles: readonly string[]): Promise<answers.NewPassword> {
    return this.post("api/staff", { login, name, roles }, answers.newPassword);
  }

  resetStaff(id: string): Promise<answers.NewPassword> {
    return this.post(`api/staff/${part(id)}/reset`, {}, answers.newPassword);
  }

  setDisabled(id: string, disabled: boolean): Promise<answers.Account> {
    const act = disabled ? "disable" : "enable";
    return this.post(`api/staff/${part(id)}/${act}`, {}, answers.oneAccount);
  }

  // How it runs
  status(): Promise<answers.Status> {
    return this.get("api/status", answers.status);
  }

  overview(): Promise<answers.Overview> {
    return this.get("api/overview", answers.overview);
  }

  private remember(signedIn: answers.SignedIn): answers.SignedIn {
    this.csrf = signedIn.csrf;
    return signedIn;
  }

  protected get<T>(path: string, reader: Reader<T>): Promise<T> {
    return this.call("GET", path, reader);
  }

  protected post<T>(path: string, body: object, reader: Reader<T>): Promise<T> {
    return this.call("POST", path, reader, JSON.stringify(body));
  }

  protected async call<T>(
    method: string,
    path: string,
    reader: Reader<T>,
    body?: string | FormData,
  ): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET" && this.csrf) headers["X-CSRF-Token"] = this.csrf;
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
    if (body !== undefined) init.body = body;
    const response = await this.reach(new URL(path, this.base).href, init);
    const answer = await jsonOf(response);
    if (!response.ok) throw refusal(response.status, answer);
    return understood(reader, answer, path);
  }

  private async reach(address: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(address, init);
    } catch {
      throw new ApiError("unreachable", 0, UNREACHABLE);
    }
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const body = await response.text();
  if (body === "") return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function understood<T>(reader: Reader<T>, answer: unknown, path: string): T {
  try {
    return reader(answer, "answer");
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new ApiError("nonsense", 200, {
      zh: `${NONSENSE.zh}（${path}）`,
      en: `${NONSENSE.en} (${error.message})`,
    });
  }
}

function refusal(status: number, answer: unknown): ApiError {
  const general: BothLanguages = {
    zh: `服务器拒绝了请求（${status}）。`,
    en: `The server refused (${status}).`,
  };
  const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : answer;
  if (typeof error !== "object" || error === null) return new ApiError("http", status, general);
  const { code, message, retry_after_seconds: wait } = error as Record<string, unknown>;
  return new ApiError(
    typeof code === "string" ? code : "http",
    status,
    message === undefined ? general : messageOf(message, general),
    typeof wait === "number" ? wait : null,
  );
}

function messageOf(message: unknown, otherwise: BothLanguages): BothLanguages {
  try {
    return errorMessage(message, "message");
  } catch {
    return otherwise;
  }
}

export function query(values: Readonly<Record<string, string>>): string {
  return new URLSearchParams(values).toString();
}

export function part(id: string): string {
  return encodeURIComponent(id);
}
