// Makes a replica the primary.
import { OperationFailed } from '../host/operation-failed.ts';
import { until, type Clock } from '../host/clock.ts';
import { replyCode, withConnection, type RedisAddress } from './connection.ts';
import { writeProbe } from './monitor.ts';

const LIMITS = { connect_ms: 2_000, command_ms: 5_000 };
const WRITE_EVERY_MS = 1.5;
const PROMOTE_AT_MOST_MS = 60_000;
/** It says so of itself, and stops to: a replica, one that loads, one without its primary. */
const NOT_YET = ['READONLY', 'LOADING', 'MASTERDOWN'];

export interface Promotion {
  /** Just before the request is sent. */
  readonly onSent: () => void;
  /** Right after the first write was accepted. */
  readonly onWritable: () => void;
}

/** `REPLICAOF NO ONE`, and a write every 1.5 ms until one is accepted; rejects after 60 s. */
export async function promote(
  replica: RedisAddress,
  promotion: Promotion,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  await withConnection(replica, LIMITS, async (client) => {
    promotion.onSent();
    const deadline_ms = clock.now() + PROMOTE_AT_MOST_MS;
    await client.replicaof('NO', 'ONE');
    let found = '';
    const tryWrite = async () => {
      try {
        await writeProbe(client);
        return true;
      } catch (error) {
        if (!NOT_YET.includes(replyCode(error) ?? '')) throw error;
        found = (error as Error).message;
        return null;
      }
    };
    if (await until({ clock, deadline_ms, every_ms: WRITE_EVERY_MS, signal }, tryWrite)) {
      return promotion.onWritable();
    }
    const expected = `a write to be accepted within ${PROMOTE_AT_MOST_MS / 1000} s`;
    throw new OperationFailed({ what: 'the promotion', expected, found });
  });
}
