// Whether all that clients were promised before anything is broken is among what is counted: a
// count that misses some of it would call them lost, or prove nothing of what it cannot see.
import { countPhrase, writesOwnTable } from '../../drill/attached/clients.ts';
import type { PlannedSystem } from '../../drill/attached/system.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { followLedger } from '../../evidence/ledger/ledger-reader.ts';
import { OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { OrderId } from '../../evidence/restore.ts';
import { until, type Clock } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { writeId } from '../../measure/words.ts';
import type { OwnServer } from '../../postgres/own/server.ts';
import type { Counting } from './count.ts';

/** What is acknowledged may come to where it is counted a moment later. */
const LAG_MS = 5_000;
const AGAIN_EVERY_MS = 250;
const SHOWN = 5;

interface Asked {
  readonly counting: Pick<Counting, 'read'>;
  /** The server that takes writes; null: none does, which another check says. */
  readonly primary: OwnServer | null;
  /** What has been acknowledged by now. */
  readonly promised: () => readonly OrderId[];
  readonly clock: Clock;
}

export async function countChecks(
  { clients, count }: Pick<PlannedSystem, 'clients' | 'count'>,
  { counting, primary, promised, clock }: Asked,
): Promise<CheckResult[]> {
  if (writesOwnTable(clients) || count === undefined || primary === null) return [];
  const name = 'what clients write is counted';
  const ids = promised().map(writeId);
  if (ids.length === 0) return [{ name, ok: false, detail: 'no write was acknowledged' }];
  const missing = new Set(ids);
  const look = async () => {
    await counting.read(primary, (row) => missing.delete(writeId(row)));
    return missing.size === 0 || null;
  };
  try {
    const waiting = () => ({ clock, deadline_ms: clock.now() + LAG_MS, every_ms: AGAIN_EVERY_MS });
    if ((await look()) === null) await until(waiting(), look);
  } catch (error) {
    return [{ name, ok: false, detail: reasonOf(error) }];
  }
  const all = `acknowledged write${ids.length === 1 ? '' : 's'}`;
  if (missing.size === 0) return [{ name, ok: true, detail: `${ids.length} ${all}` }];
  const shown = [...missing].slice(0, SHOWN).join(', ');
  const more = missing.size > SHOWN ? ` and ${missing.size - SHOWN} more` : '';
  const detail =
    `${missing.size} of ${ids.length} ${all} are not in it, ${LAG_MS / 1_000} s later still ` +
    `(writer-sequence ${shown}${more}); see whether they are stored, and whether ` +
    `topology.system.count finds each row of the run: ${countPhrase(count)}`;
  return [{ name, ok: false, detail }];
}

/** What is acknowledged by a ledger that is still written to. */
export function promisedIn(ledger: string): OrderId[] {
  const following = followLedger(ledger);
  try {
    const { count, kind, outcome, writer, sequence } = following.look().operations;
    const ids: OrderId[] = [];
    for (let row = 0; row < count; row++) {
      if (kind.at(row) === OPERATION_KIND.read || outcome.at(row) !== OUTCOME.acknowledged)
        continue;
      ids.push({ writer: writer.at(row), sequence: sequence.at(row) });
    }
    return ids;
  } finally {
    following.close();
  }
}
