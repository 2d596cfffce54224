// Clients that write on a schedule, whatever happens, and a count of what they were promised: by
// none of drill's ways.
import { Client } from 'pg';
import { hostNow } from '../../../src/host/clock.ts';
import { query } from './orders.ts';

const EVERY_MS = 25;
const ANSWER_AT_MOST_MS = 1_000;

interface Told {
  readonly transaction_read_only: string;
}

interface Write {
  readonly id: number;
  readonly due_ms: number;
  /** Null: it was not acknowledged. */
  acknowledged_ms: number | null;
}

export async function makeTable(url: string): Promise<void> {
  await query(url, 'create schema if not exists dr_drill');
  await query(url, 'create table if not exists dr_drill.writes (client text, id bigint)');
}

/** One way in, or several of which the first that takes writes is taken, as libpq does it. */
export class Clients {
  readonly #ways: readonly string[];
  readonly #client: string;
  readonly #writes: Write[] = [];
  readonly #attempts: Promise<void>[] = [];
  readonly #idle: Client[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(client: string, ways: readonly string[]) {
    this.#client = client;
    this.#ways = ways;
    let due_ms = hostNow();
    this.#timer = setInterval(() => {
      for (; due_ms <= hostNow(); due_ms += EVERY_MS) this.#attempts.push(this.#write(due_ms));
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#attempts);
    for (const connection of this.#idle) end(connection);
  }

  /** From then until writes are acknowledged for good; 0: none failed after it. */
  outageAfter(fault_ms: number): number {
    const failed = this.#writes.filter((write) => {
      return write.acknowledged_ms === null && write.due_ms >= fault_ms - ANSWER_AT_MOST_MS;
    });
    const last_ms = failed.at(-1)?.due_ms;
    if (last_ms === undefined) return 0;
    const again = this.#writes.find(({ due_ms, acknowledged_ms }) => {
      return due_ms > last_ms && acknowledged_ms !== null;
    });
    return (again?.acknowledged_ms ?? Infinity) - fault_ms;
  }

  acknowledgedAfter(from_ms: number): number {
    return this.#writes.filter(({ acknowledged_ms }) => (acknowledged_ms ?? -1) > from_ms).length;
  }

  /** Of those that were acknowledged, how many a database does not have. */
  async missingAt(url: string): Promise<number> {
    const text = `select id from dr_drill.writes where client = '${this.#client}'`;
    const there = new Set((await query(url, text)).map(({ id }) => Number(id)));
    const promised = this.#writes.filter(({ acknowledged_ms }) => acknowledged_ms !== null);
    return promised.filter(({ id }) => !there.has(id)).length;
  }

  async #write(due_ms: number): Promise<void> {
    const write: Write = { id: this.#writes.length, due_ms, acknowledged_ms: null };
    this.#writes.push(write);
    const connection = this.#idle.pop() ?? (await this.#connect());
    if (connection === null) return;
    try {
      await connection.query('insert into dr_drill.writes values ($1, $2)', [
        this.#client,
        write.id,
      ]);
      write.acknowledged_ms = hostNow();
      this.#idle.push(connection);
    } catch {
      end(connection);
    }
  }

  async #connect(): Promise<Client | null> {
    for (const connectionString of this.#ways) {
      const connection = new Client({
        ...{ connectionString, connectionTimeoutMillis: ANSWER_AT_MOST_MS },
        query_timeout: ANSWER_AT_MOST_MS,
      });
      connection.on('error', () => {});
      try {
        await connection.connect();
        const { rows } = await connection.query<Told>('show transaction_read_only');
        if (this.#ways.length === 1 || rows[0]?.transaction_read_only === 'off') return connection;
      } catch {
        // the next way
      }
      end(connection);
    }
    return null;
  }
}

/** It may not answer any more. */
function end(connection: Client): void {
  connection.end().catch(() => {});
}
