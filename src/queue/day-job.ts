// A game day as a job that several services share: its record as far as it has come.
import * as z from 'zod';
import { fitted } from '../drill/misfit.ts';
import { gameDayForm, type DayStop, type GameDayRecord } from '../evidence/gameday-form.ts';

export interface DayJob {
  readonly schema: 'drill.day-job/1';
  readonly record: GameDayRecord;
  /** Why it is not held: whoever takes it records that. Null: it is. */
  readonly stop: DayStop | null;
}

const dayJob = z.strictObject({
  schema: z.literal('drill.day-job/1'),
  record: gameDayForm,
  stop: gameDayForm.shape.stop,
});

/** Null for what is none that this version knows. */
export function dayJobIn(value: unknown): DayJob | null {
  return 'problem' in fitted(dayJob, value) ? null : (value as DayJob);
}

/** One for each game day, so that it comes to services that serve its file. */
export function dayQueue(name: string): string {
  return `gameday-${Buffer.from(name).toString('base64url')}`;
}
