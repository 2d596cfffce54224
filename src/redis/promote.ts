// Makes a replica the primary.
import { OperationFailed } from '../host/operation-failed.ts';
import type { Clock } from '../host/clock.ts';
import { openConnection, replyCode, type RedisAddress } from './connection.ts';
import { writeProbe } from './probe.ts';

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
  const client = await openConnection(replica, LIMITS);
  try {
    promotion.onSent();
    const sent = clock.now();
    await client.replicaof('NO', 'ONE');
    for (;;) {
      const refusal = await writeProbe(client).then(() => null, reasonToWait);
      if (refusal === null) return promotion.onWritable();
      if (clock.now() - sent > PROMOTE_AT_MOST_MS) {
        const expected = `a write to be accepted within ${PROMOTE_AT_MOST_MS / 1000} s`;
        throw new OperationFailed({ what: 'the promotion', expected, found: refusal });
      }
      await clock.sleep(WRITE_EVERY_MS, signal);
    }
  } finally {
    client.disconnect();
  }
}

function reasonToWait(error: Error): string {
  if (NOT_YET.includes(replyCode(error) ?? '')) return error.message;
  throw error;
}
