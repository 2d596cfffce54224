// What happens to a game day that somebody may want to be told of.
import type { DayDrill, GameDayRecord } from '../../evidence/gameday-form.ts';

export type Happening =
  | { readonly event: 'started' | 'ended' | 'missed' | 'blocked'; readonly record: GameDayRecord }
  | {
      /** declared: by whom; unclean: what was left. */
      readonly event: 'declared' | 'unclean';
      readonly record: GameDayRecord;
      readonly drill: DayDrill;
      readonly detail: string;
    };

/** What the end of a day is called: it may have come to nothing. */
export function howItEnded(record: GameDayRecord): Happening {
  if (record.began_at !== null) return { event: 'ended', record };
  return { event: record.stop?.why === 'missed' ? 'missed' : 'blocked', record };
}
