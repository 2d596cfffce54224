// One look at a server of somebody's own: whether it lets drill in, and whether it takes a write.
// What it says of itself is not enough: the write is made.
import type pg from 'pg';
import type { KeptConnection } from '../../host/kept-connection.ts';
import { isFailure, reasonOf } from '../../host/operation-failed.ts';
import type { Clock } from '../../host/clock.ts';
import { keepConnection, oneRow } from '../server/connection.ts';
import { SPENT, writeProbe } from '../server/primary.ts';
import type { ServerLook } from '../../evidence/events/server-look.ts';
import type { OwnServer, Spent } from './server.ts';
import type { OwnTables } from './tables.ts';

const LATE = /timeout|timed out/i;

/** The table that it writes to. */
type Probed = Pick<OwnTables, 'probe' | 'timeline'>;

/** Looks at one server, again and again, over one connection. */
export class Looker {
  readonly server: OwnServer;
  readonly #clock: Clock;
  readonly #tables: Probed;
  readonly #connection: KeptConnection<pg.Client>;
  readonly #spent = { statements: 0, spent_ms: 0, waited_ms: 0 };

  /** `atMost_ms`: for one statement. */
  constructor(server: OwnServer, tables: Probed, clock: Clock, atMost_ms: number) {
    this.server = server;
    this.#clock = clock;
    this.#tables = tables;
    const limits = { connect_ms: atMost_ms, statement_ms: atMost_ms };
    // What is asked is whether this server takes writes, and not whether its standby has them.
    this.#connection = keepConnection(server.address, { ...limits, synchronous_commit: 'local' });
  }

  async look(): Promise<ServerLook> {
    const { node } = this.server;
    const asked_ms = this.#clock.now();
    const seen = await this.#connection.ask((client) => this.#ask(client)).catch(failed);
    return { node, asked_ms, answered_ms: this.#clock.now(), ...seen };
  }

  async #ask(client: pg.Client): Promise<Pick<ServerLook, 'state' | 'timeline' | 'detail'>> {
    const sql = `select pg_is_in_recovery() as standby, ${SPENT}`;
    const asked = await this.#counted(oneRow<{ standby: boolean; spent_ms: number }>(client, sql));
    if (asked.standby) return { state: 'standby', timeline: null, detail: 'it is in recovery' };
    const { timeline } = await this.#counted(
      writeProbe(client, this.#tables.probe, this.#tables.timeline),
    );
    const where = timeline === 0 ? '' : ` on timeline ${timeline}`;
    return { state: 'primary', timeline, detail: `took a write${where}` };
  }

  /** One that is not answered tells nothing of what it took. */
  async #counted<T extends Pick<Spent, 'spent_ms'>>(statement: Promise<T>): Promise<T> {
    const sent_ms = this.#clock.now();
    const answer = await statement;
    this.#spent.statements++;
    this.#spent.spent_ms += answer.spent_ms;
    this.#spent.waited_ms += this.#clock.now() - sent_ms;
    return answer;
  }

  get spent(): Spent {
    return { ...this.#spent };
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

function failed(error: unknown): Pick<ServerLook, 'state' | 'timeline' | 'detail'> {
  if (!isFailure(error)) throw error;
  const detail = reasonOf(error);
  return { state: LATE.test(detail) ? 'silent' : 'refuses', timeline: null, detail };
}
