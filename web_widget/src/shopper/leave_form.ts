/**
 * The form for a message that people answer later: the words, and an e-mail address or a phone number.
 *
 * Half-written, it is kept like the draft of the box; sent without a network, like every unsent message.
 */
import type { Contact } from "../wire/frames.ts";
import { lengthOf } from "./composer.ts";
import { contactIn } from "./contact.ts";
import { make } from "./make.ts";
import type { Texts } from "./texts.ts";

/** What stands in the fields, as it is kept on the device. */
export interface LeaveDraft {
  readonly text: string;
  readonly reach: string;
  readonly name: string;
}

export interface LeaveOwner {
  leave(text: string, contact: Contact): void;
  drafted(draft: LeaveDraft): void;
  back(): void;
}

const LONGEST_NAME = "100";

export class LeaveForm {
  readonly element: HTMLFormElement;
  private readonly title = make("h3");
  private readonly next = make("p", { class: "soft" });
  private readonly text: Field<HTMLTextAreaElement>;
  private readonly reach: Field<HTMLInputElement>;
  private readonly name: Field<HTMLInputElement>;
  private readonly note = make("p", { class: "caution", attributes: { role: "status", hidden: true } });
  private readonly sender = make("button", { class: "strong", attributes: { type: "submit" } });
  private readonly leaver: HTMLButtonElement;
  private texts: Texts | null = null;
  private limit = 4000;

  constructor(private readonly owner: LeaveOwner) {
    const input = { input: () => this.changed() };
    const words = make("textarea", { attributes: { rows: "4", dir: "auto", required: true }, on: input });
    const reach = make("input", {
      attributes: { type: "text", inputmode: "email", autocomplete: "email", dir: "auto", required: true },
      on: input,
    });
    const name = make("input", {
      attributes: { type: "text", autocomplete: "name", dir: "auto", maxlength: LONGEST_NAME },
      on: input,
    });
    this.text = new Field("leave-text", words);
    this.reach = new Field("leave-reach", reach);
    this.name = new Field("leave-name", name);
    this.leaver = make("button", {
      class: "quiet",
      attributes: { type: "button" },
      on: { click: () => owner.back() },
    });
    this.element = make(
      "form",
      {
        class: "leave",
        attributes: { novalidate: true },
        on: { submit: (event) => this.submit(event) },
      },
      this.title,
      this.next,
      this.text.element,
      this.reach.element,
      this.name.element,
      this.note,
      make("div", { class: "acts" }, this.sender, this.leaver),
    );
  }

  speak(texts: Texts): void {
    this.texts = texts;
    this.title.textContent = texts.leave.title;
    this.element.setAttribute("aria-label", texts.leave.title);
    this.text.speak(texts.leave.text);
    this.reach.speak(texts.leave.reach);
    this.name.speak(texts.leave.name);
    this.sender.textContent = texts.leave.send;
    this.leaver.textContent = texts.leave.back;
    for (const field of [this.text, this.reach]) field.complain("");
  }

  /** What happens with the message, and what stands in its way just now. */
  tell(next: string, note: string, limit: number): void {
    this.next.textContent = next;
    this.note.hidden = note === "";
    this.note.textContent = note;
    this.limit = limit;
  }

  open(draft: LeaveDraft | null): void {
    if (draft) {
      this.text.input.value = draft.text;
      this.reach.input.value = draft.reach;
      this.name.input.value = draft.name;
    }
    (this.text.input.value === "" ? this.text : this.reach).input.focus({ preventScroll: true });
  }

  private changed(): void {
    for (const field of [this.text, this.reach]) field.complain("");
    this.owner.drafted({
      text: this.text.input.value,
      reach: this.reach.input.value,
      name: this.name.input.value,
    });
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.text.input.value.trim();
    const contact = contactIn(this.reach.input.value);
    const complaints = [
      this.text.complain(this.textProblem(text)),
      this.reach.complain(contact ? "" : (this.texts?.leave.badReach ?? "")),
    ];
    if (complaints[0]) return this.text.input.focus();
    if (complaints[1] || !contact) return this.reach.input.focus();
    const name = this.name.input.value.trim();
    for (const field of [this.text, this.reach, this.name]) field.input.value = "";
    this.owner.drafted({ text: "", reach: "", name: "" });
    this.owner.leave(text, name === "" ? contact : { ...contact, name });
  }

  private textProblem(text: string): string {
    if (!this.texts) return "";
    const over = lengthOf(text) - this.limit;
    if (over > 0) return this.texts.tooLong(over);
    return text === "" ? this.texts.leave.noText : "";
  }
}

/** A labelled field with the place for what is wrong with it. */
class Field<T extends HTMLInputElement | HTMLTextAreaElement> {
  readonly element: HTMLElement;
  private readonly label: HTMLElement;
  private readonly complaint: HTMLElement;

  constructor(
    id: string,
    readonly input: T,
  ) {
    input.id = id;
    this.label = make("label", { attributes: { for: id } });
    this.complaint = make("p", {
      class: "caution bad",
      attributes: { id: `${id}-bad`, role: "alert", hidden: true },
    });
    input.setAttribute("aria-describedby", `${id}-bad`);
    this.element = make("div", { class: "field" }, this.label, input, this.complaint);
  }

  speak(words: string): void {
    this.label.textContent = words;
  }

  /** Says what is wrong, or that nothing is; whether something is. */
  complain(words: string): boolean {
    this.complaint.hidden = words === "";
    this.complaint.textContent = words;
    this.input.setAttribute("aria-invalid", String(words !== ""));
    return words !== "";
  }
}
