// The program of a team that takes orders into tables of its own: along its servers to the first
// that takes writes, as libpq does it, and with mistakes that a test plants.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { hostNow } from '../../../src/host/clock.ts';
import { LOOPBACK } from '../../../src/host/ports.ts';
import { query } from './orders.ts';
import type { Stack } from './stack.ts';

const ANSWER_AT_MOST_MS = 800;

export interface TeamOrder {
  readonly run: string;
  readonly writer: number;
  readonly sequence: number;
  readonly payload: string;
}

/** `refused`: certainly not stored. */
export type Taken = 'stored' | 'refused' | 'unknown';
/** What becomes of an order that is said to be stored. */
export type Mistake = (order: TeamOrder) => 'none' | 'forgotten' | 'twice';

/** Which orders a team forgets that forgets some; never a marker. */
export function isForgotten({ writer, sequence }: TeamOrder): boolean {
  return writer < 1_025 && writer % 2 === 1 && sequence % 2 === 0;
}

/** As the superuser, on the primary; drill's role may read it. */
export async function makeTeamTable({ admins }: Stack): Promise<void> {
  const [primary] = Object.values(admins);
  await query(
    primary!,
    `create table team_orders (run text, writer int, sequence bigint, payload text);
     grant select on team_orders to drill`,
  );
}

export const TEAM_COUNT = "select writer, sequence, payload from team_orders where run = '{run}'";

/** The ids of each row, whatever run it is of. */
export async function teamRows(url: string): Promise<string[]> {
  const rows = await query(url, "select writer || '-' || sequence as id from team_orders");
  return rows.map(({ id }) => String(id));
}

export class Team {
  readonly #urls: readonly string[];
  readonly #mistake: Mistake;
  readonly #idle: Client[] = [];

  constructor(urls: readonly string[], mistake: Mistake) {
    this.#urls = urls;
    this.#mistake = mistake;
  }

  async take(order: TeamOrder): Promise<Taken> {
    const mistake = this.#mistake(order);
    const client = this.#idle.pop() ?? (await this.#connect());
    if (client === null) return 'refused';
    const { run, writer, sequence, payload } = order;
    const row = 'insert into team_orders values ($1, $2, $3, $4)';
    const asleep = `select from (select $1::text, $2::int, $3::bigint, $4::text) as nothing`;
    try {
      for (let times = mistake === 'twice' ? 2 : 1; times > 0; times--) {
        const text = mistake === 'forgotten' ? asleep : row;
        await client.query(text, [run, writer, sequence, payload]);
      }
      this.#idle.push(client);
      return 'stored';
    } catch {
      end(client);
      return 'unknown';
    }
  }

  close(): void {
    this.#idle.splice(0).forEach(end);
  }

  async #connect(): Promise<Client | null> {
    for (const connectionString of this.#urls) {
      const client = new Client({
        ...{ connectionString, connectionTimeoutMillis: ANSWER_AT_MOST_MS },
        query_timeout: ANSWER_AT_MOST_MS,
      });
      client.on('error', () => {});
      try {
        await client.connect();
        const { rows } = await client.query<{ transaction_read_only: string }>(
          'show transaction_read_only',
        );
        if (rows[0]?.transaction_read_only === 'off') return client;
      } catch {
        // the next server
      }
      end(client);
    }
    return null;
  }
}

function end(client: Client): void {
  client.end().catch(() => {});
}

const STATUS: Readonly<Record<Taken, number>> = { stored: 201, refused: 503, unknown: 500 };

export interface TeamEndpoint {
  readonly url: string;
  /** When it said of an order that it is stored, on the clock of the machine. */
  readonly stored_ms: readonly number[];
  close(): void;
}

/** Takes orders by `POST /orders`, from whoever knows the token. */
export async function startEndpoint(
  { admins }: Stack,
  token: string,
  mistake: Mistake = () => 'none',
): Promise<TeamEndpoint> {
  const team = new Team(Object.values(admins), mistake);
  const stored_ms: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.headers.authorization !== token) return void response.writeHead(401).end();
      const order = JSON.parse(Buffer.concat(chunks).toString()) as TeamOrder;
      void team.take(order).then((taken) => {
        if (taken === 'stored') stored_ms.push(hostNow());
        response.writeHead(STATUS[taken]).end();
      });
    });
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
    team.close();
  };
  return { url: `http://${LOOPBACK}:${port}/orders`, stored_ms, close };
}

/** When it stored an order again after the longest time without one. */
function endOfLongestGap(stored_ms: readonly number[]): number {
  const gap = (at: number) => stored_ms[at]! - (stored_ms[at - 1] ?? stored_ms[at]!);
  const longest = stored_ms.map((_, at) => at).toSorted((a, b) => gap(b) - gap(a));
  return stored_ms[longest[0]!]!;
}

/** From the fault until it stored again: as the team's program knows it, and as drill saw it. */
export function outageOf(stored_ms: readonly number[], events: readonly RunEvent[]) {
  const of = <E extends RunEvent['event']>(name: E) =>
    events.find((each): each is RunEvent & { event: E } => each.event === name)!;
  const fault_ms = of('run.started').origin_ms + of('fault.started').t;
  // The rate that rises in the beginning has gaps too.
  const last = stored_ms.findLastIndex((ms) => ms <= fault_ms);
  const known_ms = endOfLongestGap(stored_ms.slice(Math.max(0, last))) - fault_ms;
  return { known_ms, seen_ms: of('service.sustained').rto_ms };
}
