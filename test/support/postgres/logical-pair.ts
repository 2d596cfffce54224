// Two real servers that can replicate to each other through proxies, for the tests of this folder.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from 'mocha';
import { hostClock } from '../../../src/host/clock.ts';
import { writePrivateFile } from '../../../src/host/files.ts';
import { killTrees, untilGone } from '../../../src/host/process/processes.ts';
import type { Link } from '../../../src/link/links.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { scrub, startServer, type Server } from '../../../src/postgres/server/launcher.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import {
  compareDatabases,
  type Comparison,
} from '../../../src/postgres/bidirectional/divergence.ts';
import {
  DirectionMonitor,
  type DirectionState,
  type LogicalSide,
} from '../../../src/postgres/bidirectional/logical-state.ts';
import { positionOf, untilReplayed } from '../../../src/postgres/bidirectional/logical-wait.ts';
import { joinPair } from '../../../src/postgres/bidirectional/logical.ts';
import { insertSharedRows } from '../../../src/postgres/server/shared-rows.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';
import { startTestedLinks, type TestedLinks } from '../servers/toxiproxy.ts';

export const clock = hostClock();
const LIMITS = { connect_ms: 5_000, statement_ms: 20_000 };
const GONE_MS = 5_000;
const CAUGHT_UP_AT_MOST_MS = 20_000;

export type Region = 'east' | 'west';

interface Place {
  readonly database: TestDatabase;
  server: Server;
  readonly side: LogicalSide;
}

export class LogicalPair {
  readonly link: Link;
  readonly options: { readonly replicationUser: string; readonly clock: typeof clock };
  readonly #links: TestedLinks;
  readonly #places = new Map<Region, Place>();
  readonly #gone: Place[] = [];
  #proxies = 0;

  constructor(links: TestedLinks, replicationUser: string) {
    this.#links = links;
    this.link = links.links.create('east-west');
    this.options = { replicationUser, clock };
  }

  side(region: Region): LogicalSide {
    return this.#places.get(region)!.side;
  }

  /** The connection of `region`'s peer goes through the link. */
  async place(region: Region, database: TestDatabase): Promise<void> {
    const passfile = join(database.place, 'peer.pgpass');
    const numbers = region === 'east' ? 1 : 2;
    const { host, port, credentials } = database;
    const address = { host, port, database: 'orders', ...credentials.admin };
    const through = await this.#proxyTo(region, port);
    const side: LogicalSide = { region, address, through, passfile, numbers };
    this.#places.set(region, { database, server: database.server, side });
  }

  /** Each server gets the password of the other one's replication role. */
  givePasswords(): void {
    for (const [region, { side }] of this.#places) {
      const { user, password } = this.#places.get(peerOf(region))!.database.credentials.replication;
      const owner = ownerOf(databaseIdentity());
      writePrivateFile(side.passfile, `*:*:*:${user}:${password}\n`, owner);
    }
  }

  async query<T extends object>(region: Region, text: string): Promise<T[]> {
    return await withConnection(this.side(region).address, LIMITS, async (client) => {
      return (await client.query(text)).rows as T[];
    });
  }

  /** Inserts orders of this writer, sequences `from` to `to`. */
  async write(region: Region, writer: number, from: number, to: number): Promise<void> {
    await this.query(
      region,
      `insert into orders (writer, sequence, payload, region)
       select ${writer}, s, 'payload-' || s, '${region}' from generate_series(${from}, ${to}) s`,
    );
  }

  async count(region: Region): Promise<number> {
    const [row] = await this.query<{ n: number }>(region, 'select count(*)::int as n from orders');
    return row!.n;
  }

  /** What a monitor says of the direction, asked once. */
  async look(from: Region, to: Region): Promise<DirectionState> {
    const monitor = new DirectionMonitor(this.side(from), this.side(to));
    try {
      return await monitor.state();
    } finally {
      await monitor.close();
    }
  }

  /** Resolves once the peer has applied what this region has written by now. */
  async replayed(from: Region, atMost_ms = CAUGHT_UP_AT_MOST_MS): Promise<void> {
    const [side, peer] = [this.side(from), this.side(peerOf(from))];
    await untilReplayed(side, peer, await positionOf(side), clock, atMost_ms);
  }

  async compared(): Promise<Comparison> {
    return await compareDatabases(this.side('east'), this.side('west'));
  }

  async until(isSo: () => Promise<boolean>, what: string): Promise<void> {
    const limit = clock.now() + 20_000;
    while (!(await isSo())) {
      if (clock.now() > limit) throw new Error(`not within 20 s: ${what}`);
      await clock.sleep(10);
    }
  }

  /** As a region that loses its power. */
  async kill(region: Region): Promise<void> {
    const { server } = this.#places.get(region)!;
    const killed = killTrees(server.pids());
    const left = await untilGone(killed, clock, GONE_MS);
    if (left.length > 0) throw new Error(`${left.join()} survived`);
  }

  /** On the disks and on the port that it had. */
  async restart(region: Region): Promise<void> {
    const place = this.#places.get(region)!;
    const { port } = place.database;
    place.server = await startServer({ ...place.database.started, port });
  }

  /** A new, empty server in the place of one that is gone for good. */
  async replace(region: Region): Promise<void> {
    this.#gone.push(this.#places.get(region)!);
    await this.place(region, await startTestDatabase({ replication: true, region }));
    this.givePasswords();
  }

  async stop(): Promise<void> {
    for (const { server, database } of [...this.#places.values(), ...this.#gone]) {
      await server.stop();
      const { data, bin, environment, logFile, title } = database.started;
      const own = () => Promise.resolve(bin);
      await scrub({ data, bin: own, environment, logFile, title, clock });
      rmSync(dirname(database.place), { recursive: true, force: true });
    }
    await this.#links.stop();
  }

  async #proxyTo(region: Region, port: number): Promise<{ host: string; port: number }> {
    this.#proxies += 1;
    const name = `east-west.${region}-${this.#proxies}`;
    return await this.link.addProxy(name, { host: '127.0.0.1', port });
  }
}

export function peerOf(region: Region): Region {
  return region === 'east' ? 'west' : 'east';
}

/** Two empty servers that are joined, with shared rows 1 to 4. */
export async function startPair(context: Context): Promise<LogicalPair> {
  const links = await startTestedLinks(context, 'built-in');
  const [east, west] = await Promise.all([
    startTestDatabase({ replication: true, region: 'east' }),
    startTestDatabase({ replication: true, region: 'west' }),
  ]);
  const pair = new LogicalPair(links, east.credentials.replication.user);
  try {
    await pair.place('east', east);
    await pair.place('west', west);
    pair.givePasswords();
    await joinPair(pair.side('east'), pair.side('west'), pair.options);
    await pair.query('east', insertSharedRows(4));
    const has4 = async () => (await pair.query('west', 'select from stock')).length === 4;
    await pair.until(has4, 'the shared rows of east in west');
    return pair;
  } catch (error) {
    await pair.stop();
    throw error;
  }
}
