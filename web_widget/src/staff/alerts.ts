/** Tells a person who looks elsewhere that a shopper waits: by the title, and if wished by sound and notification. */
import type { Storage } from "../wire/surroundings.ts";

const SOUND = "shopkeeper/desk/sound";
const NOTIFICATIONS = "shopkeeper/desk/notifications";
/** Two soft tones, a fourth apart. */
const TONES_HZ = [659.25, 880];
const TONE_SECONDS = 0.16;
const LOUDNESS = 0.08;

export class Alerts {
  private audio: AudioContext | null = null;

  constructor(private readonly storage: Storage) {}

  get sound(): boolean {
    return this.storage.getItem(SOUND) === "on";
  }

  get notifications(): boolean {
    return this.storage.getItem(NOTIFICATIONS) === "on" && permission() === "granted";
  }

  /** Off by default; browsers let a page sound only after a press, so turning it on plays it once. */
  toggleSound(): void {
    this.storage.setItem(SOUND, this.sound ? "off" : "on");
    if (this.sound) this.play();
  }

  async toggleNotifications(): Promise<void> {
    if (this.notifications) {
      this.storage.setItem(NOTIFICATIONS, "off");
    } else if (
      typeof Notification !== "undefined" &&
      (await Notification.requestPermission()) === "granted"
    ) {
      this.storage.setItem(NOTIFICATIONS, "on");
    }
  }

  /** A notification never carries what the shopper wrote: it may stand on a locked screen. */
  newlyWaiting(conversation: string, title: string, reason: string): void {
    if (this.sound) this.play();
    if (!this.notifications || !document.hidden) return;
    const note = new Notification(title, { body: reason, tag: conversation });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
    });
  }

  said(): void {
    if (this.sound && document.hidden) this.play();
  }

  showCount(waiting: number, unread: number, title: string): void {
    const count = waiting + unread;
    document.title = count > 0 ? `(${count}) ${title}` : title;
  }

  private play(): void {
    this.audio ??= new AudioContext();
    const { audio } = this;
    TONES_HZ.forEach((frequency, index) => {
      const start = audio.currentTime + index * TONE_SECONDS;
      const loudness = audio.createGain();
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      loudness.gain.linearRampToValueAtTime(0, start + TONE_SECONDS);
      const tone = audio.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(loudness).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    });
  }
}

function permission(): NotificationPermission {
  return typeof Notification === "undefined" ? "denied" : Notification.permission;
}
