// The connections to the database of the queue. It may be gone at any moment: every statement has a
// limit, so that none may carry more than a slow way lets through; a connection on which one failed
// is not used again; and since when the database has answered without a break is known, since only
// then a silence of others means something.
import type { Pool, PoolClient, QueryResult } from 'pg';
import { hostNow } from '../host/clock.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { connectionString } from '../host/database/connection.ts';
import { connectHint, databaseWords } from '../host/database/words.ts';
import { isRefusal } from '../base/sql-state.ts';
import type { DatabaseAddress } from '../drill/database-address.ts';

export interface Statements {
  executeSql(text: string, values?: unknown[]): Promise<QueryResult>;
}

/** The database is not there now; what was asked may have been done all the same. */
export class DatabaseGone extends Error {
  override readonly name = 'DatabaseGone';
}

const CONNECT_MS = 5_000;
/** For a silence: whatever is large is sent in parts. */
const STATEMENT_MS = 20_000;
const CONNECTIONS = 4;
/** A server that only reads for now, as in a failover of its own. */
const READS_ONLY = '25006';

export class QueueDatabase implements Statements {
  readonly #pool: Pool;
  readonly #address: DatabaseAddress;
  /** A longer time without an answer is a break. */
  readonly #break_ms: number;
  #answered_ms: number | null = null;
  #since_ms = 0;

  private constructor(pool: Pool, address: DatabaseAddress, break_ms: number) {
    this.#pool = pool;
    this.#address = address;
    this.#break_ms = break_ms;
    // A connection that breaks while nobody uses it: the next one who asks is told.
    pool.on('error', () => {});
  }

  /** Connects at the first statement. Rejects with an `EnvironmentError` for what it never can. */
  static async of(
    address: DatabaseAddress,
    break_ms: number,
    statement_ms = STATEMENT_MS,
  ): Promise<QueueDatabase> {
    const { Pool } = (await import('pg')).default;
    const pool = new Pool({
      connectionString: connectionString(address),
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: statement_ms,
      keepAlive: true,
      application_name: 'drill',
      // Nothing waits for the queue once all is done.
      allowExitOnIdle: true,
    });
    return new QueueDatabase(pool, address, break_ms);
  }

  async executeSql(text: string, values?: unknown[]): Promise<QueryResult> {
    return await this.#with(async (own) => await own.executeSql(text, values));
  }

  /** All of it, or nothing. */
  async atOnce<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return await this.#with(async (own) => {
      await own.executeSql('begin');
      const made = await work(own);
      await own.executeSql('commit');
      return made;
    });
  }

  /** Whether it has answered for so long without a break. */
  hasAnsweredFor(ms: number): boolean {
    const now = hostNow();
    const { since_ms, answered_ms } = { since_ms: this.#since_ms, answered_ms: this.#answered_ms };
    return answered_ms !== null && now - answered_ms < this.#break_ms && now - since_ms >= ms;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Rejects with `DatabaseGone`, or with an `EnvironmentError` where it says no. */
  async #with<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await this.#told(this.#connect());
    let isSound = false;
    try {
      const executeSql: Statements['executeSql'] = async (text, values) =>
        await this.#told(client.query(text, values));
      const made = await work({ executeSql });
      isSound = true;
      return made;
    } finally {
      // What was begun on it is rolled back with it.
      client.release(!isSound);
    }
  }

  /** The driver also throws at once, as for a file that is gone meanwhile. */
  async #connect(): Promise<PoolClient> {
    return await this.#pool.connect();
  }

  async #told<T>(asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      this.#answered();
      return answer;
    } catch (error) {
      if (isRefusal(error, [READS_ONLY])) throw this.problem(error);
      this.#answered_ms = null;
      throw new DatabaseGone(databaseWords(error, this.#address), { cause: error });
    }
  }

  #answered(): void {
    const now = hostNow();
    const last = this.#answered_ms;
    if (last === null || now - last > this.#break_ms) this.#since_ms = now;
    this.#answered_ms = now;
  }

  /** What is said of a database that does not do what it is asked. */
  problem(error: unknown): EnvironmentError {
    const cause = error instanceof DatabaseGone ? error.cause : error;
    return new EnvironmentError(
      {
        what: `the database of the queue, ${this.#address.shown}`,
        expected: 'PostgreSQL 13 or newer, in which this user may make the schema drill_queue',
        found: databaseWords(error, this.#address),
        hint:
          connectHint(cause, 'its password') ??
          'psql with the same address shows whether it can be reached from here',
      },
      { cause: error },
    );
  }
}
