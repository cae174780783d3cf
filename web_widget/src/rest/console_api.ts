/** The calls of the REST interface that only the console makes. */
import type { IntentNames } from "../staff/intent_names.ts";
import type { Summary } from "../wire/staff_frames.ts";
import * as answers from "./answers.ts";
import { Api, part, query } from "./api.ts";
import * as desk from "./console_answers.ts";
import { type Upload, upload } from "./knowledge_answers.ts";
import * as learning from "./learning_answers.ts";
import * as chats from "./mined_answers.ts";

/** What is kept of a reply; its id is given by the server. */
export type CannedBody = Omit<desk.CannedReply, "id">;
/** What routing knows of a person: empty lists mean any, no capacity means no limit. */
export interface SkillsBody {
  readonly languages: readonly string[];
  readonly skills: readonly string[];
  readonly capacity: number | null;
}
export type HoursBody = Pick<desk.Hours, "zone" | "weekly" | "special">;
/** What is empty sifts nothing out; `since` is a moment as the wire writes it. */
export interface AuditFilters {
  readonly who: string;
  readonly act: string;
  readonly text: string;
  readonly since: string;
  readonly until: string;
}
export type TalkFormat = "csv" | "jsonl";

export class ConsoleApi extends Api {
  changePassword(old: string, fresh: string): Promise<null> {
    return this.post("api/me/password", { old, new: fresh }, answers.nothing);
  }

  setRoles(id: string, roles: readonly string[]): Promise<answers.Account> {
    return this.post(`api/staff/${part(id)}/roles`, { roles }, answers.oneAccount);
  }

  setSkills(id: string, skills: SkillsBody): Promise<answers.Account> {
    return this.post(`api/staff/${part(id)}/skills`, skills, answers.oneAccount);
  }

  /** What the shop calls its intents. */
  intents(): Promise<IntentNames> {
    return this.get("api/intents", answers.intentNames);
  }

  /** A page of the audit log, newest first; `before` is where the page before it ended. */
  audit(filters: AuditFilters, before: number | null): Promise<desk.AuditPage> {
    const { who, act, text, since, until } = filters;
    const asked = { who, act, text, since, until, before: before === null ? "" : String(before) };
    const set = Object.entries(asked).filter(([, value]) => value !== "");
    return this.get(`api/audit?${query(Object.fromEntries(set))}`, desk.auditPage);
  }

  auditKnown(): Promise<desk.AuditKnown> {
    return this.get("api/audit/known", desk.auditKnown);
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

  retention(): Promise<desk.Retention> {
    return this.get("api/retention", desk.retention);
  }

  /** What would be forgotten at once if so long was kept. */
  previewRetention({ closed_days, traces_days, delivered_days }: desk.KeptDays): Promise<desk.TooOld> {
    const asked = {
      closed_days: String(closed_days),
      traces_days: String(traces_days),
      delivered_days: String(delivered_days),
    };
    return this.get(`api/retention/preview?${query(asked)}`, desk.tooOld);
  }

  setRetention(days: desk.KeptDays): Promise<desk.Retention> {
    return this.post("api/retention", days, desk.retention);
  }

  dropRetention(): Promise<null> {
    return this.call("DELETE", "api/retention", answers.nothing);
  }

  forgetNow(): Promise<desk.TooOld> {
    return this.post("api/desk/expire", {}, desk.tooOld);
  }

  /** Where a person's words or contact details hold this text. */
  conversationsOf(words: string): Promise<readonly string[]> {
    return this.post("api/conversations/of-person", { text: words }, desk.conversationIds);
  }

  conversation(id: string): Promise<Summary> {
    return this.get(`api/conversations/${part(id)}`, desk.oneConversation);
  }

  /** Erases for good; gives how many there were. */
  erase(conversations: readonly string[]): Promise<number> {
    return this.post("api/conversations/erase", { conversations }, desk.erased);
  }

  figures(days: number): Promise<desk.Figures> {
    return this.get(`api/figures?${query({ days: String(days) })}`, desk.figures);
  }

  /** What was learnt, and what is being learnt. */
  learnt(): Promise<learning.Learnt> {
    return this.get("api/training", learning.learnt);
  }

  bringChats(file: File): Promise<learning.Chats> {
    const form = new FormData();
    form.append("file", file);
    return this.call("POST", "api/training/chats", learning.chats, form);
  }

  /** Has something learnt, with old chats that were brought, in which `staff` are the shop's. */
  learnAgain(
    what: learning.Subject,
    brought: string | null,
    staff: readonly string[],
  ): Promise<learning.Run> {
    const body = brought === null ? { what } : { what, upload: brought, staff };
    return this.post("api/training/runs", body, learning.begun);
  }

  /** Has old chats looked through: those that were brought, in which `staff` are the shop's, and with `desk` the own. */
  mine(brought: string | null, desk: boolean, staff: readonly string[]): Promise<learning.Run> {
    const body = { what: "questions", desk, staff, ...(brought === null ? {} : { upload: brought }) };
    return this.post("api/training/runs", body, learning.begun);
  }

  mined(): Promise<chats.Mined> {
    return this.get("api/training/proposals", chats.mined);
  }

  leaveOut(ids: readonly string[]): Promise<chats.Mined> {
    return this.post("api/training/proposals/left-out", { ids }, chats.mined);
  }

  /** Searches for what a published proposal asks. */
  found(id: string): Promise<chats.Found> {
    return this.get(`api/training/proposals/${part(id)}/check`, chats.found);
  }

  /** What the assistant's turns came to, week by week. */
  weeks(): Promise<readonly learning.Week[]> {
    return this.get("api/training/weeks", learning.weeks);
  }

  /** Makes a file of what was chosen; it takes the way of every file from there. */
  fileOfChosen(chosen: readonly chats.Chosen[]): Promise<Upload> {
    return this.post("api/training/proposals/file", { chosen }, upload);
  }

  endLearning(): Promise<null> {
    return this.post("api/training/end", {}, () => null);
  }

  learntBefore(set: string): Promise<learning.Learnt> {
    return this.post(`api/training/sets/${part(set)}/roll-back`, {}, learning.learnt);
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
