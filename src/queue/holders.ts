// Who has a job, by a token in it: what the queue asks of a single job beyond what pg-boss does.
import * as z from 'zod';
import type { Frozen } from '../drill/planned.ts';
import type { Statements } from './database.ts';

/** Of pg-boss, and of what drill keeps beside its jobs. */
export const SCHEMA = 'drill_queue';

/** Whether the job is held with the token `$3`: one that ran out and that nobody took is too. */
export const IS_HELD = `state in ('active', 'retry')
  and data->'held'->-1->>'token' = $3 and not (data->'held'->-1) ? 'back'`;

const holder = z.object({
  worker: z.string(),
  token: z.string(),
  /** Why it gave the job back; absent: it has it, or it was lost. */
  back: z.string().exactOptional(),
});

/** Somebody who has, or had, a job. */
export type Holder = Frozen<z.output<typeof holder>>;

export interface Taken {
  readonly queue: string;
  readonly id: string;
  readonly body: unknown;
  /** Those before, and the last one is who took it. */
  readonly held: readonly Holder[];
}

/** Those who never gave it back, nor ended it. */
export function lostIn(before: readonly Holder[]): string[] {
  return before.flatMap(({ worker, back }) => (back === undefined ? [worker] : []));
}

/** Whoever can write to the database can put anything there. */
export function holdersIn(value: unknown): Holder[] | null {
  return z.array(holder).safeParse(value).data ?? null;
}

/** What is no job would come again and again, to everybody, before all others. */
export async function setAside(db: Statements, queue: string, id: string): Promise<void> {
  const text = `update ${SCHEMA}.job set state = 'failed', completed_on = now()
    where name = $1 and id = $2`;
  await db.executeSql(text, [queue, id]);
}

/** What whoever has it needs to say so. */
export type Mine = Omit<Taken, 'body'>;

export async function setHeld(db: Statements, { queue, id, held }: Mine): Promise<void> {
  const text = `update ${SCHEMA}.job set data = jsonb_set(data, '{held}', $3::jsonb)
    where name = $1 and id = $2`;
  await db.executeSql(text, [queue, id, JSON.stringify(held)]);
}

/** One that ran out meanwhile and that nobody has taken since is held again. */
export async function renewed(db: Statements, { queue, id, held }: Mine): Promise<boolean> {
  const text = `update ${SCHEMA}.job set started_on = now(), state = 'active'
    where name = $1 and id = $2 and ${IS_HELD}`;
  const { rowCount } = await db.executeSql(text, [queue, id, held.at(-1)!.token]);
  return rowCount === 1;
}

/** Whether the answer to an earlier try was lost on its way. */
export async function isCompletedBy(db: Statements, { queue, id, held }: Mine): Promise<boolean> {
  const text = `select from ${SCHEMA}.job
    where name = $1 and id = $2 and state = 'completed' and data->'held'->-1->>'token' = $3`;
  const { rowCount } = await db.executeSql(text, [queue, id, held.at(-1)!.token]);
  return rowCount === 1;
}
