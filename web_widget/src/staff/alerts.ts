/** Calls a person who looks elsewhere: by the title, and if wished by sound and notification. */
import type { Once } from "./once.ts";
import type { Occasion, PreferenceBox } from "./preferences.ts";

/** Two soft tones for each occasion, so that an ear can tell them apart. */
const TONES_HZ: Readonly<Record<Occasion, readonly number[]>> = {
  handoff: [659.25, 880],
  message: [880],
  mention: [783.99, 1046.5],
  late: [523.25, 392, 523.25],
};
const TONE_SECONDS = 0.16;
const STALE_AFTER_MS = 2_000;
const LOUDNESS = { quiet: 0.03, normal: 0.08, loud: 0.2 } as const;

export interface Call {
  readonly occasion: Occasion;
  /** Names what happened: of several tabs only one calls for it. */
  readonly name: string;
  readonly conversation: string;
  readonly title: string;
  /** Never what the shopper wrote: it may stand on a locked screen. */
  readonly body: string;
}

export class Alerts {
  private audio: AudioContext | null = null;

  constructor(
    private readonly preferences: PreferenceBox,
    private readonly once: Once,
    /** The person pressed the notification: show the conversation. */
    private readonly chosen: (conversation: string) => void,
  ) {}

  /** Whether notifications are wished and the browser lets them through. */
  get notifications(): boolean {
    return this.preferences.get().notifications && permission() === "granted";
  }

  /** Asks the browser where it must; browsers sound only after a press, so turning sound on plays it once. */
  async switchNotifications(): Promise<void> {
    const wished = !this.notifications;
    const may = wished && permission() !== "denied" ? await Notification.requestPermission() : "denied";
    this.preferences.change({ notifications: wished && may === "granted" });
  }

  switchSound(): void {
    const { sound } = this.preferences.change({ sound: !this.preferences.get().sound });
    if (sound) this.play("handoff");
  }

  call({ occasion, name, conversation, title, body }: Call): void {
    const { sound, occasions } = this.preferences.get();
    if (!occasions[occasion] || (!sound && !this.notifications) || !this.once.take(name)) return;
    if (sound) this.play(occasion);
    if (this.notifications && document.hidden) this.notify(conversation, title, body);
  }

  showCount(count: number, title: string): void {
    const words = count > 0 ? `(${count}) ${title}` : title;
    if (document.title !== words) document.title = words;
  }

  /** A press on the page: from now on the browser lets it sound. */
  pressed(): void {
    if (!this.preferences.get().sound) return;
    this.audio ??= new AudioContext();
    void this.audio.resume();
  }

  /** Sounds at once or not at all: what a browser held back until a press would come too late. */
  play(occasion: Occasion): void {
    this.audio ??= new AudioContext();
    const { audio } = this;
    const asked = performance.now();
    void audio.resume().then(() => {
      if (performance.now() - asked < STALE_AFTER_MS) this.sound(audio, occasion);
    });
  }

  private sound(audio: AudioContext, occasion: Occasion): void {
    const loudest = LOUDNESS[this.preferences.get().loudness];
    TONES_HZ[occasion].forEach((frequency, index) => {
      const start = audio.currentTime + index * TONE_SECONDS;
      const loudness = audio.createGain();
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(loudest, start + 0.02);
      loudness.gain.linearRampToValueAtTime(0, start + TONE_SECONDS);
      const tone = audio.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(loudness).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    });
  }

  private notify(conversation: string, title: string, body: string): void {
    const note = new Notification(title, { body, tag: conversation });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
      this.chosen(conversation);
    });
  }
}

export function permission(): NotificationPermission {
  return typeof Notification === "undefined" ? "denied" : Notification.permission;
}
