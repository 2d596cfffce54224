// Whether a command that breaks something of somebody's own has bitten: drill looks for itself, by
// a connection or by another command. What does not bite any more has been undone.
import type { Argv } from '../../drill/fields.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { until, type Clock } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { connectTo, GREETING, probe, QUESTIONS } from '../../host/probe.ts';
import { whyNoWrites } from '../../postgres/own/queries.ts';
import { ASKING } from '../../postgres/own/server.ts';
import { withConnection } from '../../postgres/server/connection.ts';
import type { OwnSystem } from '../system/own.ts';

const LOOK_MS = 500;
export const LOOK_EVERY_MS = 100;

type Planned = Pick<PlannedFault<'command'>, 'title' | 'seen' | 'takes_at_most_ms'>;

export interface Bite {
  readonly ok: boolean;
  readonly detail: string;
}

const WORDS = {
  refuses: 'takes no connection',
  silent: 'is silent',
  takes_no_writes: 'takes no writes',
} as const;

/** What is looked at, in words. */
export function biteName({ title, seen }: Pick<Planned, 'title' | 'seen'>): string {
  if (seen.by === 'command') return `"${title}" is seen by ${seen.command.join(' ')}`;
  return `${seen.where} ${WORDS[seen.by]}`;
}

/** One look; `ok`: it bites. */
export async function bites(
  { seen, takes_at_most_ms }: Planned,
  { placeOf, run }: Pick<OwnSystem, 'placeOf'> & { readonly run: Run },
): Promise<Bite> {
  if (seen.by === 'command') {
    return await run(seen.command, takes_at_most_ms).then(
      () => ({ ok: true, detail: 'it ended with 0' }),
      (error: unknown) => ({ ok: false, detail: reasonOf(error) }),
    );
  }
  const { host, port, database } = placeOf(seen.where);
  if (seen.by === 'takes_no_writes' && database !== null) {
    const denied = await withConnection(database, ASKING, whyNoWrites).catch(reasonOf);
    return { ok: denied !== null, detail: denied ?? 'it takes writes' };
  }
  if (seen.by === 'refuses') {
    const found = await connectTo(host, port, LOOK_MS);
    return { ok: found !== 'connected', detail: found };
  }
  const words = database !== null ? QUESTIONS['postgres']! : GREETING;
  const { isSilent, detail } = await probe(host, port, LOOK_MS, words);
  return { ok: isSilent, detail };
}

/** Whether it does not bite any more, within the time that the fault gives each command. */
export async function untilUndone(
  fault: Planned,
  clock: Clock,
  system: Parameters<typeof bites>[1],
): Promise<boolean> {
  const deadline_ms = clock.now() + fault.takes_at_most_ms;
  const found = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    return (await bites(fault, system)).ok ? null : true;
  });
  return found === true;
}

type Run = (command: Argv, atMost_ms: number) => Promise<unknown>;
