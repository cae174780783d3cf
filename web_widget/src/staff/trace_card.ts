/** `<trace-card>`: why the bot said what it said, for people who have to trust or mend it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { takeAlong } from "../desk/taken_along.ts";
import type { Trace, TraceAttempt } from "../rest/answers.ts";
import { browserStorage } from "../wire/browser_surroundings.ts";
import type { Language } from "../wire/frames.ts";
import { intentWords, plain } from "./intent_names.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export class TraceCard extends LitElement {
  static override properties = { trace: { attribute: false }, question: {}, mends: { type: Boolean } };
  declare trace: Trace | null;
  /** What the shopper had written. */
  declare question: string;
  /** Whether this person may change what the bot knows. */
  declare mends: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.trace = null;
    this.question = "";
    this.mends = false;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { trace, texts } = this;
    if (!trace) return html`<p class="soft">${texts.noTrace}</p>`;
    return html`
      <dl>
        ${this.fact(texts.rule, texts.attempts[trace.rule] ?? plain(trace.rule))}
        ${this.fact(texts.intent, withShare(trace.intent, trace.intent_confidence, this.speech.language))}
        ${this.fact(texts.runnerUp, withShare(trace.runner_up, trace.runner_up_confidence, this.speech.language))}
        ${this.fact(texts.mood, texts.moods[trace.mood] ?? trace.mood)}
      </dl>
      ${this.hits(trace)} ${this.mends && this.question ? this.mendView() : nothing} ${this.attempts(trace)}
      ${this.pairs(texts.thresholds, trace.thresholds)} ${this.pairs(texts.seconds, inMilliseconds(trace.seconds))}
      ${this.pairs(texts.versions, trace.versions)}
    `;
  }

  private mendView(): TemplateResult {
    return html`<p class="mend">
      <a class="link" href="console#knowledge" target="_blank" rel="noopener" @click=${() => takeAlong(browserStorage(), this.question)}>
        ${this.texts.mendAnswer}
      </a>
    </p>`;
  }

  private fact(name: string, value: string): TemplateResult | typeof nothing {
    return value === "" ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  }

  private hits(trace: Trace): TemplateResult | typeof nothing {
    const { texts } = this;
    if (trace.hits.length === 0) return nothing;
    return html`<p class="title">${texts.hits}</p>
      <ol>
        ${trace.hits.map(
          (hit) => html`<li>
            <span class="question" dir="auto">${hit.question}</span>
            <span class="soft figure">
              <span class="code">${hit.id}</span> ·
              ${hit.exact ? texts.exact : `${texts.score} ${hit.score.toFixed(2)} · ${texts.similarity} ${hit.similarity.toFixed(3)} · ${texts.lexical} ${hit.lexical.toFixed(1)}`}
            </span>
          </li>`,
        )}
      </ol>`;
  }

  private attempts(trace: Trace): TemplateResult | typeof nothing {
    const { texts } = this;
    if (trace.attempts.length === 0) return nothing;
    const skipped = trace.attempts.filter(isSkipped);
    return html`<p class="title">${texts.attemptsMade}</p>
      <ol>
        ${trace.attempts
          .filter((one) => !isSkipped(one))
          .map(
            ({ attempt, outcome, facts }) => html`<li>
            ${texts.attempts[attempt] ?? plain(attempt)} <span class="soft">→ ${texts.outcomes[outcome] ?? plain(outcome)}</span>
            <span class="soft figure code">${Object.entries(facts).map(factWords).join(" · ")}</span>
          </li>`,
          )}
      </ol>
      ${skipped.length > 0 ? html`<p class="soft">${texts.alsoTried}: ${skipped.map(({ attempt }) => texts.attempts[attempt] ?? plain(attempt)).join(" · ")}</p>` : nothing}`;
  }

  private pairs(title: string, values: Readonly<Record<string, string>>): TemplateResult | typeof nothing {
    const entries = Object.entries(values);
    if (entries.length === 0) return nothing;
    return html`<p class="title">${title}</p>
      <p class="pairs figure">
        ${entries.map(([name, value]) => html`<span><span class="soft">${plain(name)}</span> ${value}</span>`)}
      </p>`;
  }

  static override styles = [
    look,
    css`
      :host {
        display: block;
        max-inline-size: 640px;
        padding: 10px 14px 12px;
        border: 1px solid var(--sk-line);
        border-radius: 10px;
        background: var(--sk-ground);
        font-size: 13px;
        line-height: 1.5;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: 6px 16px;
        margin: 0;
      }
      dt,
      .title {
        margin: 0;
        font-size: 12px;
        font-weight: 600;
        color: var(--sk-ink-soft);
      }
      dd {
        margin: 0;
      }
      .title {
        margin-block-start: 10px;
      }
      ol {
        margin: 2px 0 0;
        padding-inline-start: 18px;
      }
      li {
        overflow-wrap: anywhere;
      }
      .mend {
        margin: 8px 0 0;
      }
      .question {
        display: block;
      }
      .pairs {
        display: flex;
        flex-wrap: wrap;
        gap: 0 14px;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

/** Passed on, with nothing to tell but the time that it took: a dozen of these hide what mattered. */
function isSkipped({ outcome, facts }: TraceAttempt): boolean {
  return outcome === "passed" && Object.keys(facts).every((name) => name === "seconds");
}

function withShare(intent: string | undefined, share: number | undefined, language: Language): string {
  if (intent === undefined) return "";
  const name = intentWords(intent, language);
  return share === undefined ? name : `${name} · ${Math.round(share * 100)}%`;
}

function factWords([name, value]: readonly [string, string]): string {
  return name === "seconds" ? milliseconds(Number(value)) : `${plain(name)} ${value.slice(0, 120)}`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function inMilliseconds(seconds: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, milliseconds(value)]));
}

customElements.define("trace-card", TraceCard);
