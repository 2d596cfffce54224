// Seed rows: written through the service before the load, as fast as its stated capacity lets them,
// or as a system of somebody's own is to bear.
import { SEED_ROWS_AT_ONCE, SEED_ROWS_MS } from '../drill/plan/limits.ts';
import { OPERATION_KIND, OUTCOME, SEED_WRITER } from '../evidence/ledger/operation.ts';
import type { Clock } from '../host/clock.ts';
import type { DueOperation, OperationEnd } from './writer-ids.ts';

/** After a refusal, so that a service over its capacity gets tokens again. */
const PAUSE_MS = 40;
/** A service that has just come up may stand still once for all that are on their way. */
const UNANSWERED_AT_MOST = 2 * SEED_ROWS_AT_ONCE;

/**
 * Writes until `rows` of them are acknowledged. One that the service refused for certain (over
 * capacity), or did not answer, is followed by another with the next sequence; what became of the
 * unanswered one is counted like that of any other write. Rejects when one had no way out, when too
 * many were not answered, and when the time is over.
 */
export async function writeSeedRows(
  { rows, per_s }: { readonly rows: number; readonly per_s: number },
  clock: Clock,
  attempt: (operation: DueOperation) => Promise<OperationEnd>,
): Promise<number> {
  const limit_ms = clock.now() + SEED_ROWS_MS;
  const turn = turnsOf(per_s, clock);
  const done = { sequence: 0, claimed: 0, written: 0, unanswered: 0, hasFailed: false };

  const writeOne = async (): Promise<void> => {
    while (!done.hasFailed) {
      await turn();
      const row = ++done.sequence;
      const { outcome, detail } = await attempt({
        kind: OPERATION_KIND.seed,
        writer: SEED_WRITER,
        sequence: row,
        scheduled_ms: clock.now(),
        row,
      });
      if (outcome === OUTCOME.acknowledged) {
        done.written += 1;
        return;
      }
      if (outcome === OUTCOME.unknown) done.unanswered += 1;
      const mayTryAgain = outcome !== OUTCOME.unsent && done.unanswered <= UNANSWERED_AT_MOST;
      if (!mayTryAgain || clock.now() > limit_ms) {
        done.hasFailed = true;
        throw new Error(
          `expected the service to take ${rows} seed rows, ${done.written} done: ${detail}`,
        );
      }
      await clock.sleep(PAUSE_MS);
    }
  };
  const work = async (): Promise<void> => {
    while (done.claimed < rows && !done.hasFailed) {
      if (clock.now() > limit_ms) {
        done.hasFailed = true;
        throw new Error(
          `expected the service to take ${rows} seed rows within ${SEED_ROWS_MS / 1000} s, ` +
            `${done.written} done; lower workload.seed_rows, or use a faster machine`,
        );
      }
      done.claimed += 1;
      await writeOne();
    }
  };
  await Promise.all(Array.from({ length: Math.min(SEED_ROWS_AT_ONCE, rows) }, work));
  return done.written;
}

/** Each call waits for its turn: so many in a second, and none is made up for. */
function turnsOf(per_s: number, clock: Clock): () => Promise<void> {
  let next_ms = -Infinity;
  return async () => {
    const at_ms = Math.max(next_ms, clock.now());
    next_ms = at_ms + 1_000 / per_s;
    if (at_ms > clock.now()) await clock.sleep(at_ms - clock.now());
  };
}
