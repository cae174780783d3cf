/** What one person chose about alerts, kept in this browser and shared by all its tabs. */
import { fields, Malformed } from "../wire/readers.ts";
import type { Storage } from "../wire/surroundings.ts";

export const PREFERENCES_KEY = "shopkeeper/desk/preferences";

/** What may call a person who looks elsewhere. */
export type Occasion = "handoff" | "message" | "mention" | "late";
export const OCCASIONS: readonly Occasion[] = ["handoff", "message", "mention", "late"];
export type Loudness = "quiet" | "normal" | "loud";
export const LOUDNESSES: readonly Loudness[] = ["quiet", "normal", "loud"];

export interface Preferences {
  readonly sound: boolean;
  readonly loudness: Loudness;
  readonly notifications: boolean;
  readonly occasions: Readonly<Record<Occasion, boolean>>;
}

/** Sound and notifications are off until somebody turns them on: a page never makes noise uninvited. */
export const DEFAULTS: Preferences = {
  sound: false,
  loudness: "normal",
  notifications: false,
  occasions: { handoff: true, message: true, mention: true, late: true },
};

export class PreferenceBox {
  constructor(private readonly storage: Storage) {}

  get(): Preferences {
    const kept = this.storage.getItem(PREFERENCES_KEY);
    return kept === null ? DEFAULTS : understood(kept);
  }

  change(changes: Partial<Preferences>): Preferences {
    const next = { ...this.get(), ...changes };
    this.storage.setItem(PREFERENCES_KEY, JSON.stringify(next));
    return next;
  }

  switchOccasion(occasion: Occasion): Preferences {
    const { occasions } = this.get();
    return this.change({ occasions: { ...occasions, [occasion]: !occasions[occasion] } });
  }
}

/** Whatever is not what we wrote falls back to the default, field by field. */
function understood(kept: string): Preferences {
  try {
    const from = fields(JSON.parse(kept), "preferences");
    const chosen = fields(from.occasions ?? {}, "occasions");
    return {
      sound: from.sound === true,
      loudness: LOUDNESSES.find((one) => one === from.loudness) ?? DEFAULTS.loudness,
      notifications: from.notifications === true,
      occasions: {
        handoff: chosen.handoff !== false,
        message: chosen.message !== false,
        mention: chosen.mention !== false,
        late: chosen.late !== false,
      },
    };
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) return DEFAULTS;
    throw error;
  }
}
