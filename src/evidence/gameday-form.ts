// The form of the record of a game day, `.drill/gamedays/<id>.json`, from which its types follow.
// It is written before the first drill begins, so that a game day that was broken off can go on.
import * as z from 'zod';
import { count, type Frozen } from '../drill/planned.ts';
import { fitted } from '../drill/misfit.ts';
import { gateForm, VERDICTS } from './result-form.ts';

const text = z.string();
const value = z.number().nullable();

const { name, unit, bound, target, verdict } = gateForm.shape;

const gate = z.object({
  name,
  unit,
  bound: bound.unwrap(),
  target,
  verdict,
  decided: value.describe(
    'What was measured in the trial that decides. Null: a wait that never ended, or no value.',
  ),
  finding: text.nullable().describe('What is known of its failure. Null: it is to be met.'),
});

const outcome = z.object({
  verdict: z.enum(VERDICTS).describe('With the findings of the game-day file.'),
  measured: z.enum(VERDICTS).describe('Of its trials alone.'),
  reasons: z.array(text),
  trials: z.object({ made: count, planned: count }),
  gates: z.array(gate),
  disaster: z
    .literal('none')
    .exactOptional()
    .describe('Nothing was to be recovered from. Absent: there was a disaster, or none is known.'),
  rto_ms: value.describe('The longest, from the fault. Null: never back, or not measured.'),
  rpo_ms: value.describe('The largest. Null: not measured.'),
  lost: value.describe('The most writes that one trial lost. Null: not counted.'),
});

const drill = z.object({
  file: text.describe('The drill file as the game-day file names it.'),
  name: text,
  set: z.array(text).describe('Values that are laid over its file.'),
  seed: text.exactOptional(),
  repeat: text.exactOptional(),
  plan_hash: text.describe('A file that was changed has another.'),
  findings: z.record(text, text).describe('By gate: what is known of its failure.'),
  series: text.describe('The series of its trials. It is there once the drill was begun.'),
  state: z.enum(['due', 'ended', 'skipped']).describe('skipped: the game day ended before it.'),
  outcome: outcome.nullable().describe('Null where it did not end.'),
  told_by: text
    .exactOptional()
    .describe('The service whose word its outcome is: its runs are there. Absent: they are here.'),
});

/** What kept a game day from being run, or from being run to its end. */
const DAY_STOPS = [
  ...(['blocked', 'missed', 'precondition', 'not-approved', 'interrupted', 'handed-over'] as const),
] as const;

const stop = z.object({ why: z.enum(DAY_STOPS), text });

/** UTC, as `toISOString` writes it. */
const when = text.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

export const gameDayForm = z.object({
  schema: z.literal('drill.gameday/1'),
  id: text,
  name: text,
  file: text.describe('The game-day file.'),
  description: text,
  by: z
    .enum(['schedule', 'operator'])
    .describe('operator: somebody asked for it, whatever its schedule says.'),
  due_at: when.describe('UTC. Of one that somebody asked for: when.'),
  began_at: when.nullable().describe('Null: it was not begun.'),
  ended_at: when
    .nullable()
    .describe('Null: it goes on, or was broken off and is to go on; its lock says which.'),
  runs: text.describe('The directory of its runs.'),
  roles: z.object({ owner: text.nullable(), on_call: text.nullable(), observers: z.array(text) }),
  approved: z
    .object({ at: when, by: text })
    .nullable()
    .describe('Who agreed to it. Null: nobody was asked, or nobody did.'),
  signed: z
    .array(z.object({ at: when, by: text, note: text }))
    .exactOptional()
    .describe('Who signed what came of it. Absent: nobody.'),
  service: text
    .exactOptional()
    .describe('Of one that several services share: who holds it. Absent: none shares it.'),
  lost_services: z
    .array(text)
    .exactOptional()
    .describe('Services that had it before and were lost. Absent: none.'),
  after_failure: z.enum(['stop', 'continue']),
  drills: z.array(drill),
  stop: stop.nullable().describe('Why it did not run, or not to its end. Null: it did.'),
  verdict: z.enum(VERDICTS).nullable().describe('Null before it ended.'),
});

export type GameDayRecord = Frozen<z.output<typeof gameDayForm>>;
export type DayDrill = GameDayRecord['drills'][number];
export type DayOutcome = NonNullable<DayDrill['outcome']>;
export type DayStop = NonNullable<GameDayRecord['stop']>;

/** Null for what no version wrote that this one knows. */
export function gameDayIn(value: unknown): GameDayRecord | null {
  return 'problem' in fitted(gameDayForm, value) ? null : (value as GameDayRecord);
}
