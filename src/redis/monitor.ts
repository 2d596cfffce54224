// What a running Redis server says of itself, asked again and again over one connection that is
// replaced when it fails.
import { KeptConnection } from '../host/kept-connection.ts';
import { infoOf, openConnection, withConnection, type RedisAddress } from './connection.ts';
import { reasonOf } from '../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import { within } from '../host/clock.ts';

const LIMITS = { connect_ms: 1_000, command_ms: 2_000 };

export interface ReplicaSeen {
  /** `online` once it follows. */
  readonly state: string;
  readonly written_bytes: number;
  /** Written on the primary and not yet confirmed by the replica, which does so every second. */
  readonly lag_bytes: number;
  /** Since the replica's last word, at least: Redis tells the difference of two whole seconds. */
  readonly reply_age_ms: number;
}

export class Monitor {
  readonly #connection: KeptConnection<Redis>;

  constructor(address: RedisAddress) {
    this.#connection = new KeptConnection(
      () => openConnection(address, LIMITS),
      (client) => client.disconnect(),
    );
  }

  /** What this server says of its replica; null when none is connected. */
  async replica(): Promise<ReplicaSeen | null> {
    return await this.#connection.ask(async (client) => {
      const info = await infoOf(client, 'replication');
      const first = info.get('slave0');
      if (first === undefined) return null;
      const fields = new Map(first.split(',').map((pair) => pair.split('=') as [string, string]));
      const written = Number(info.get('master_repl_offset'));
      return {
        state: fields.get('state') ?? 'unknown',
        written_bytes: written,
        lag_bytes: Math.max(0, written - Number(fields.get('offset'))),
        reply_age_ms: Math.max(0, Number(fields.get('lag')) - 1) * 1_000,
      };
    });
  }

  /** The server, how many keys it has, and the memory that all of it takes. */
  async describe(): Promise<{ version: string; bytes: number; rows: number }> {
    return await this.#connection.ask(async (client) => {
      const [server, memory] = [await infoOf(client, 'server'), await infoOf(client, 'memory')];
      const version = server.get('redis_version') ?? '';
      return { version, bytes: Number(memory.get('used_memory')), rows: await client.dbsize() };
    });
  }

  /**
   * Connections whose name begins with `prefix` and that wait for something: for replicas (`WAIT`),
   * or for a request of theirs to be carried out.
   */
  async busyClients(prefix: string): Promise<number> {
    return await this.#connection.ask(async (client) => {
      const list = (await client.client('LIST')) as string;
      return list.split('\n').filter((line) => isBusy(line, prefix)).length;
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function isBusy(line: string, prefix: string): boolean {
  const fields = new Map(line.split(' ').map((pair) => pair.split('=') as [string, string]));
  if (!(fields.get('name') ?? '').startsWith(prefix)) return false;
  return (fields.get('flags') ?? '').includes('b') || Number(fields.get('qbuf')) > 0;
}

const PROBE_KEY = 'drill:probe';

/** One real write that no cart sees; rejects with the server's words where it takes none. */
export async function writeProbe(client: Redis): Promise<void> {
  await client.set(PROBE_KEY, '1');
}

/** A write with its own connection and time limit, and what came of it. */
export async function probeWrite(
  address: RedisAddress,
  timeout_ms: number,
): Promise<{ readonly accepted: boolean; readonly detail: string }> {
  const limits = { connect_ms: timeout_ms, command_ms: timeout_ms };
  const attempt = withConnection(address, limits, writeProbe).then(
    () => ({ accepted: true, detail: 'it took a write' }),
    (error: unknown) => ({ accepted: false, detail: reasonOf(error) }),
  );
  const late = { accepted: false, detail: `no answer within ${timeout_ms} ms` };
  return await within(attempt, timeout_ms, late);
}
