/** The calls of the REST interface that only the console makes. */
import * as answers from "./answers.ts";
import { Api, part, query } from "./api.ts";
import * as desk from "./console_answers.ts";

/** What is kept of a reply; its id is given by the server. */
export type CannedBody = Omit<desk.CannedReply, "id">;
export type HoursBody = Pick<desk.Hours, "zone" | "weekly" | "special">;
export type TalkFormat = "csv" | "jsonl";

export class ConsoleApi extends Api {
  changePassword(old: string, fresh: string): Promise<null> {
    return this.post("api/me/password", { old, new: fresh }, answers.nothing);
  }

  setRoles(id: string, roles: readonly string[]): Promise<answers.Account> {
    return this.post(`api/staff/${part(id)}/roles`, { roles }, answers.oneAccount);
  }

  /** A page of the audit log, newest first; `before` is the number of the oldest row that is known. */
  audit(before: number | null): Promise<desk.AuditPage> {
    const asked = before === null ? "" : `?${query({ before: String(before) })}`;
    return this.get(`api/audit${asked}`, desk.auditPage);
  }

  canned(): Promise<desk.CannedReplies> {
    return this.get("api/canned", desk.cannedReplies);
  }

  keepCanned(id: string | null, reply: CannedBody): Promise<desk.CannedReply> {
    return this.post(id === null ? "api/canned" : `api/canned/${part(id)}`, reply, desk.oneReply);
  }

  dropCanned(id: string): Promise<null> {
    return this.call("DELETE", `api/canned/${part(id)}`, answers.nothing);
  }

  hours(): Promise<desk.Hours> {
    return this.get("api/hours", desk.hours);
  }

  setHours(hours: HoursBody): Promise<desk.Hours> {
    return this.post("api/hours", hours, desk.hours);
  }

  dropHours(): Promise<null> {
    return this.call("DELETE", "api/hours", answers.nothing);
  }

  tags(): Promise<readonly desk.TagCount[]> {
    return this.get("api/tags", desk.tags);
  }

  deskFacts(): Promise<desk.DeskFacts> {
    return this.get("api/desk", desk.deskFacts);
  }

  reviveLetter(id: string): Promise<null> {
    return this.post(`api/desk/outbox/${part(id)}/revive`, {}, answers.nothing);
  }

  figures(days: number): Promise<desk.Figures> {
    return this.get(`api/figures?${query({ days: String(days) })}`, desk.figures);
  }

  widget(): Promise<desk.WidgetFacts> {
    return this.get("api/widget", desk.widgetFacts);
  }

  /** Where a browser gets the conversations that the filters choose, as a file. */
  talksAddress(format: TalkFormat, filters: Readonly<Record<string, string>>): string {
    const chosen = Object.entries(filters).filter(([, value]) => value !== "");
    return this.addressOf(`api/conversations/export?${query({ format, ...Object.fromEntries(chosen) })}`);
  }
}
