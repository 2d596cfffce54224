// Whether a command that breaks something of somebody's own has bitten: drill looks for itself, by
// a connection or by another command. What does not bite any more has been undone.
import type { Argv } from '../../drill/fields.ts';
import type { PlannedFault } from '../../drill/fault/registry.ts';
import { until, type Clock } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { connectTo, GREETING, probe, QUESTIONS } from '../../host/probe.ts';
import { whyNoWrites } from '../../postgres/own/queries.ts';
import { ASKING } from '../../postgres/own/server.ts';
import {
  errorCode,
  withConnection,
  type DatabaseAddress,
} from '../../postgres/server/connection.ts';
import type { OwnSystem } from '../system/own.ts';
import { askCommand, type Answer } from './ask-command.ts';

const LOOK_MS = 500;
export const LOOK_EVERY_MS = 100;

type Planned = Pick<PlannedFault<'command'>, 'title' | 'seen' | 'takes_at_most_ms'>;

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

/** The server has not let drill in: no right, or no room. That says nothing of its writes. */
const NOT_LET_IN = /^(28|53)/;

/** One look; `ok`: it bites; null: that could not be seen. */
export async function bites(
  { seen, takes_at_most_ms }: Planned,
  { placeOf, run }: Pick<OwnSystem, 'placeOf'> & { readonly run: Run },
): Promise<Answer> {
  if (seen.by === 'command') {
    return await askCommand(() => run(seen.command, takes_at_most_ms));
  }
  const { host, port, database } = placeOf(seen.where);
  if (seen.by === 'takes_no_writes' && database !== null) {
    return await takesNoWrites(database);
  }
  if (seen.by === 'refuses') {
    const found = await connectTo(host, port, LOOK_MS);
    return { ok: found !== 'connected', detail: found };
  }
  const words = database !== null ? QUESTIONS['postgres']! : GREETING;
  const { isSilent, heard, detail } = await probe(host, port, LOOK_MS, words);
  // One that is refused is neither silent nor alive.
  return { ok: isSilent || (heard === null ? null : false), detail };
}

async function takesNoWrites(database: DatabaseAddress): Promise<Answer> {
  try {
    const denied = await withConnection(database, ASKING, whyNoWrites);
    return { ok: denied !== null, detail: denied ?? 'it takes writes' };
  } catch (error) {
    const isUnknown = NOT_LET_IN.test(errorCode(error));
    return { ok: isUnknown ? null : true, detail: reasonOf(error) };
  }
}

/**
 * Whether it is seen not to bite any more, within the time that the fault gives each command. A
 * look that could not be made has not seen that.
 */
export async function untilUndone(
  fault: Planned,
  clock: Clock,
  system: Parameters<typeof bites>[1],
): Promise<boolean> {
  const deadline_ms = clock.now() + fault.takes_at_most_ms;
  const found = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    return (await bites(fault, system)).ok === false ? true : null;
  });
  return found === true;
}

type Run = (command: Argv, atMost_ms: number) => Promise<unknown>;
