// One real write to a Redis server, that no cart sees.
import { reasonOf } from '../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import { within } from '../host/limits.ts';
import { openConnection, type RedisAddress } from './connection.ts';

const PROBE_KEY = 'drill:probe';

/** Rejects with the server's words where it takes no write. */
export async function writeProbe(client: Redis): Promise<void> {
  await client.set(PROBE_KEY, '1');
}

/** A write with its own connection and time limit, and what came of it. */
export async function probeWrite(
  address: RedisAddress,
  timeout_ms: number,
): Promise<{ readonly accepted: boolean; readonly detail: string }> {
  const limits = { connect_ms: timeout_ms, command_ms: timeout_ms };
  const attempt = async () => {
    const client = await openConnection(address, limits);
    try {
      await writeProbe(client);
      return { accepted: true, detail: 'it took a write' };
    } finally {
      client.disconnect();
    }
  };
  const late = { accepted: false, detail: `no answer within ${timeout_ms} ms` };
  return await within(
    attempt().catch((error: unknown) => ({ accepted: false, detail: reasonOf(error) })),
    timeout_ms,
    late,
  );
}
