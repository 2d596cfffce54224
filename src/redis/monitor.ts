// What a running Redis server says of itself, asked again and again over one connection that is
// replaced when it fails.
import type { Redis } from 'ioredis';
import { infoOf, openConnection, type RedisAddress } from './connection.ts';

const LIMITS = { connect_ms: 1_000, command_ms: 2_000 };

export interface ReplicaSeen {
  /** `online` once it follows. */
  readonly state: string;
  /** Written on the primary and not yet confirmed by the replica, which does so every second. */
  readonly lag_bytes: number;
  /** Since the replica's last word, at least: Redis tells the difference of two whole seconds. */
  readonly reply_age_ms: number;
}

export class Monitor {
  readonly #address: RedisAddress;
  #client: Promise<Redis> | null = null;

  constructor(address: RedisAddress) {
    this.#address = address;
  }

  /** What this server says of its replica; null when none is connected. */
  async replica(): Promise<ReplicaSeen | null> {
    return await this.#ask(async (client) => {
      const info = await infoOf(client, 'replication');
      const first = info.get('slave0');
      if (first === undefined) return null;
      const fields = new Map(first.split(',').map((pair) => pair.split('=') as [string, string]));
      const written = Number(info.get('master_repl_offset'));
      return {
        state: fields.get('state') ?? 'unknown',
        lag_bytes: Math.max(0, written - Number(fields.get('offset'))),
        reply_age_ms: Math.max(0, Number(fields.get('lag')) - 1) * 1_000,
      };
    });
  }

  /**
   * Connections whose name begins with `prefix` and that wait for something: for replicas (`WAIT`),
   * or for a request of theirs to be carried out.
   */
  async busyClients(prefix: string): Promise<number> {
    return await this.#ask(async (client) => {
      const list = (await client.client('LIST')) as string;
      return list.split('\n').filter((line) => isBusy(line, prefix)).length;
    });
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.then(
      (open) => open.disconnect(),
      () => {},
    );
  }

  async #ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    this.#client ??= openConnection(this.#address, LIMITS);
    const used = this.#client;
    try {
      return await question(await used);
    } catch (error) {
      // A connection on which anything failed may still wait for an answer.
      if (this.#client === used) this.#client = null;
      void used.then(
        (client) => client.disconnect(),
        () => {},
      );
      throw error;
    }
  }
}

function isBusy(line: string, prefix: string): boolean {
  const fields = new Map(line.split(' ').map((pair) => pair.split('=') as [string, string]));
  if (!(fields.get('name') ?? '').startsWith(prefix)) return false;
  return (fields.get('flags') ?? '').includes('b') || Number(fields.get('qbuf')) > 0;
}
