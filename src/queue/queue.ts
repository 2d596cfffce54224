// A queue that several machines share, on pg-boss. Whoever takes a job holds it for a lease, which
// it renews; a job whose holder is silent for so long is given to another, and what the first one
// sends afterwards is not taken any more.
//
// pg-boss has no lease that can be renewed, and lets anybody complete an active job: so a holder
// puts a token into the job, and every later statement asks for it. And it would take a holder for
// lost whose database was gone: here a lease is judged only by who has had answers for a whole one.
import { randomUUID } from 'node:crypto';
import type PgBoss from 'pg-boss';
import { hostNow } from '../host/clock.ts';
import type { DatabaseAddress } from '../drill/database-address.ts';
import { DatabaseGone, QueueDatabase } from './database.ts';
import {
  fetchParts,
  forgetUnwanted,
  makeParts,
  removeJobs,
  sendParts,
  type Attached,
  type CameOfParts,
} from './parts.ts';
import {
  holdersIn,
  isCompletedBy,
  renewed,
  SCHEMA,
  setAside,
  setHeld,
  type Holder,
  type Mine,
  type Taken,
} from './holders.ts';
import { TRIAL_QUEUES } from './trial-job.ts';

/** A job that comes back so often is nobody's any more; who holds jobs gives up long before. */
const RETRIES = 1_000;
/** A job of the same id is not sent again for so long: a game day may be due once a year. */
const KEPT_DAYS = 500;
const LEASE_S = 60;
const DAY_S = 86_400;
/** So often within a lease it is renewed, and those of others are looked at. */
const LOOKS = 6;

/** A job as whoever sent it sees it. */
export interface Looked {
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  /** Null: it is no job that this version of drill has sent. */
  readonly held: readonly Holder[] | null;
}

interface QueueLimits {
  readonly lease_s?: number;
  readonly statement_ms?: number;
}

export class SharedQueue {
  readonly lease_ms: number;
  readonly #boss: PgBoss;
  readonly #db: QueueDatabase;
  readonly #queues = new Set<string>();
  #judged_ms = 0;

  private constructor(boss: PgBoss, db: QueueDatabase, lease_ms: number) {
    this.#boss = boss;
    this.#db = db;
    this.lease_ms = lease_ms;
  }

  /** Rejects with an `EnvironmentError` where the database does not answer. */
  static async open(
    address: DatabaseAddress,
    { lease_s = LEASE_S, statement_ms }: QueueLimits = {},
  ): Promise<SharedQueue> {
    const { default: Boss } = await import('pg-boss');
    const lease_ms = lease_s * 1_000;
    const db = await QueueDatabase.of(address, lease_ms / 2, statement_ms);
    // What pg-boss would do by itself at times is done below, when it may be.
    const itself = { supervise: false, schedule: false };
    const kept = { archiveCompletedAfterSeconds: KEPT_DAYS * DAY_S };
    const boss = new Boss({ db, schema: SCHEMA, ...itself, ...kept });
    boss.on('error', () => {});
    try {
      await boss.start();
      await makeParts(db);
      return new SharedQueue(boss, db, lease_ms);
    } catch (error) {
      await db.close();
      throw error instanceof DatabaseGone ? db.problem(error) : error;
    }
  }

  /** How often a lease is renewed. */
  get renewEvery_ms(): number {
    return this.lease_ms / LOOKS;
  }

  /** Nothing where the job is there. */
  async send(queue: string, id: string, body: object): Promise<void> {
    await this.#make(queue);
    const lease = { expireInSeconds: this.lease_ms / 1_000, retryLimit: RETRIES };
    const kept = { retentionDays: KEPT_DAYS };
    await this.#boss.send(queue, { body, held: [] }, { id, ...lease, ...kept });
  }

  /** The oldest that nobody holds; null: there is none. */
  async take(queue: string, worker: string): Promise<Taken | null> {
    await this.#make(queue);
    return await this.#db.atOnce(async (db) => {
      for (;;) {
        // A job is never sent for later: the clock of the database may have been set back since.
        const how = { db, ignoreStartAfter: true };
        const [job] = await this.#boss.fetch<{ body?: unknown; held?: unknown } | null>(queue, how);
        if (job === undefined) return null;
        const { id, data } = job;
        const before = holdersIn(data?.held);
        if (before === null) {
          await setAside(db, queue, id);
          continue;
        }
        const held = [...before, { worker, token: randomUUID() }];
        await setHeld(db, { queue, id, held });
        return { queue, id, body: data?.body, held };
      }
    });
  }

  /** False where it is held no more: it was given to another, or nobody wants it. */
  async renew(taken: Mine): Promise<boolean> {
    return await renewed(this.#db, taken);
  }

  /** Another body, for whoever may take it next. */
  async note(taken: Taken, body: object): Promise<void> {
    await this.#db.atOnce(async (db) => {
      if (!(await renewed(db, taken))) return;
      const text = `update ${SCHEMA}.job set data = jsonb_set(data, '{body}', $3::jsonb)
        where name = $1 and id = $2`;
      await db.executeSql(text, [taken.queue, taken.id, JSON.stringify(body)]);
    });
  }

  /** False as with `renew`: what was made of it does not count then. */
  async complete(taken: Mine, output: object): Promise<boolean> {
    return await this.#db.atOnce(async (db) => {
      if (!(await renewed(db, taken))) return await isCompletedBy(db, taken);
      await this.#boss.complete(taken.queue, taken.id, output, { db });
      return true;
    });
  }

  /**
   * What is too large for an output, beside the job before it is completed. False as with `renew`;
   * null where the signal aborted first. What is there of it is not sent again.
   */
  async attach(taken: Mine, bytes: Buffer, signal: AbortSignal): Promise<boolean | null> {
    return await sendParts(this.#db, taken, bytes, signal);
  }

  /** What was attached, after what is in `parts`, to which it is added. */
  async attached(of: Attached, parts: Buffer[], signal: AbortSignal): Promise<CameOfParts> {
    return await fetchParts(this.#db, of, parts, signal);
  }

  /** For another one to take. */
  async giveBack(taken: Taken, back: string): Promise<void> {
    await this.#db.atOnce(async (db) => {
      if (!(await renewed(db, taken))) return;
      const own = taken.held.at(-1)!;
      const held = [...taken.held.slice(0, -1), { ...own, back }];
      await setHeld(db, { ...taken, held });
      await this.#boss.fail(taken.queue, taken.id, { back }, { db });
    });
  }

  async look(queue: string, ids: readonly string[]): Promise<ReadonlyMap<string, Looked>> {
    const text = `select id, state, data->'held' as held from ${SCHEMA}.job
      where name = $1 and id = any($2::uuid[])`;
    const { rows } = await this.#db.executeSql(text, [queue, ids]);
    const found = rows as { id: string; state: Looked['state']; held: unknown }[];
    return new Map(found.map(({ id, state, held }) => [id, { state, held: holdersIn(held) }]));
  }

  /** Those that nobody has taken. */
  async waiting(queue: string): Promise<string[]> {
    const text = `select id from ${SCHEMA}.job where name = $1 and state < 'active'`;
    const { rows } = await this.#db.executeSql(text, [queue]);
    return (rows as { id: string }[]).map(({ id }) => id);
  }

  /** Queues of that beginning in which jobs wait. */
  async waitingIn(beginning: string): Promise<string[]> {
    const text = `select distinct name from ${SCHEMA}.job
      where starts_with(name, $1) and state < 'active' order by name`;
    const { rows } = await this.#db.executeSql(text, [beginning]);
    return (rows as { name: string }[]).map(({ name }) => name);
  }

  /** What the job was completed with. */
  async outputOf(queue: string, id: string): Promise<unknown> {
    return (await this.#boss.getJobById(queue, id))?.output;
  }

  /** Those that are held too: their holders find out when they renew. */
  async remove(queue: string, ids: readonly string[]): Promise<void> {
    await removeJobs(this.#db, { queue, ids, which: 'true' });
  }

  /** As `remove`, of those that nobody has completed. */
  async removeUnmade(queue: string, ids: readonly string[]): Promise<void> {
    await removeJobs(this.#db, { queue, ids, which: `state <> 'completed'` });
  }

  /** As `remove`, of those that nobody has taken; resolves to which they were. */
  async removeWaiting(queue: string, ids: readonly string[]): Promise<string[]> {
    return await removeJobs(this.#db, { queue, ids, which: `state < 'active'` });
  }

  /**
   * Gives jobs on whose holders are silent for a lease. Somebody has to call this again and again:
   * everybody who has the queue open.
   */
  async judgeLeases(): Promise<void> {
    const now = hostNow();
    if (now - this.#judged_ms < this.renewEvery_ms) return;
    // Holders that the database did not answer for a while renew as soon as it does.
    if (!this.#db.hasAnsweredFor(this.lease_ms)) return;
    this.#judged_ms = now;
    await this.#boss.maintain();
    await forgetUnwanted(this.#db, TRIAL_QUEUES);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false }).catch(() => {});
    await this.#db.close();
  }

  async #make(queue: string): Promise<void> {
    if (this.#queues.has(queue)) return;
    await this.#boss.createQueue(queue);
    this.#queues.add(queue);
  }
}
