// Whether a command that breaks something of somebody's own has bitten: drill looks for itself, by
// a connection or by another command. What does not bite any more has been undone.
import type { Argv } from '../../drill/fields.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { connectTo, GREETING, probe, QUESTIONS } from '../../host/probe.ts';
import { whyNoWrites } from '../../postgres/own/queries.ts';
import { ASKING } from '../../postgres/own/server.ts';
import {
  errorCode,
  withConnection,
  type DatabaseAddress,
} from '../../postgres/server/connection.ts';
import type { Answer, SeenFault } from '../system/own.ts';
import { askCommand } from './ask-command.ts';
import type { PlaceOf } from './servers.ts';

const LOOK_MS = 500;

/** The server has not let drill in: no right, or no room. That says nothing of its writes. */
const NOT_LET_IN = /^(28|53)/;

/** One look; `ok`: it bites; null: that could not be seen. */
export async function bites(
  { seen, takes_at_most_ms }: Pick<SeenFault, 'seen' | 'takes_at_most_ms'>,
  { placeOf, run }: { readonly placeOf: PlaceOf; readonly run: Run },
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

type Run = (command: Argv, atMost_ms: number) => Promise<unknown>;
