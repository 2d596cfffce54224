// A primary with writers, the repository program beside it, and restores from that repository: all
// real, and all gone with `stop`.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import type { PlannedBackup } from '../../../src/drill/plan/plan.ts';
import { hostClock } from '../../../src/host/clock.ts';
import type { Address } from '../../../src/host/ports.ts';
import { killTrees, untilGone } from '../../../src/host/process/processes.ts';
import { startProgram, type Program } from '../../../src/host/program/program.ts';
import { locatePostgres } from '../../../src/postgres/server/binaries.ts';
import { scrub } from '../../../src/postgres/server/launcher.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import { parseLsn } from '../../../src/postgres/server/lsn.ts';
import type { RestoreTarget } from '../../../src/evidence/restore.ts';
import {
  restore,
  type Restored,
  type RestoreOptions,
} from '../../../src/postgres/restore/restore.ts';
import { serverSettings, type Settings } from '../../../src/postgres/server/settings.ts';
import type { BackupFacts } from '../../../src/postgres/repository/layout.ts';
import type {
  RepositorySettings,
  RepositoryState,
} from '../../../src/postgres/repository/protocol.ts';
import { ADMIN, DATABASE } from '../../../src/postgres/server/template.ts';
import { startArchiving } from './start-archiving.ts';
import { startTestDatabase, type TestDatabase } from './database.ts';

export const clock = hostClock();
export const identity = databaseIdentity();
const MODULE = new URL('../../../src/postgres/repository/main.ts', import.meta.url);
export const TOKEN = 'token-in-test';
export const SLOT = 'west_storage';

export interface StoredOptions {
  readonly wal: PlannedBackup['wal'];
  readonly settings?: Settings;
  readonly repository?: Partial<RepositorySettings>;
}

type Told = { readonly name: string; readonly body: unknown };

export class Stored {
  readonly directory = mkdtempSync(join(tmpdir(), 'drill-repository-'));
  readonly told: Told[] = [];
  readonly #restored: Restored[] = [];
  #database: TestDatabase | null = null;
  #program: Program | null = null;
  #restores = 0;
  settings!: RepositorySettings;
  /** Where the repository takes segments. */
  address!: Address;

  /**
   * A primary and its repository, archiving or receiving as `wal` says. `between` can say more of
   * the repository's settings once the primary is there.
   */
  static async start(
    options: StoredOptions,
    between: (stored: Stored) => Promise<Partial<RepositorySettings>> = () => Promise.resolve({}),
  ): Promise<Stored> {
    const stored = new Stored();
    chmodSync(stored.directory, 0o711);
    const archiving = options.wal === 'archive' ? { archive_mode: 'on' } : {};
    const settings = { ...archiving, ...options.settings };
    stored.#database = await startTestDatabase({ replication: true, settings });
    const repository = { ...options.repository, ...(await between(stored)) };
    await stored.startProgram({ ...options, repository });
    return stored;
  }

  get database(): TestDatabase {
    return this.#database!;
  }

  get program(): Program {
    return this.#program!;
  }

  /** Where files of the repository are. */
  get repository(): string {
    return join(this.directory, 'storage');
  }

  async startProgram({ wal, repository }: StoredOptions): Promise<void> {
    const { host, port, credentials } = this.database;
    this.settings = {
      ...{ origin_ms: 0, run: 'in-test', directory: this.repository, name: SLOT },
      ...{ primary: { host, port, ...credentials.replication } },
      ...{ every_ms: 3_600_000, keep: 3, wal, owner: ownerOf(identity), token: TOKEN },
      ...repository,
    };
    this.#program = startProgram({
      title: 'west/storage',
      module: MODULE,
      env: { ...process.env, DRILL_RUN: 'in-test' },
      logFile: join(this.directory, 'storage.log'),
      onEvent: (name, body) => this.told.push({ name, body }),
    });
    this.address = (await this.#program.request('start', this.settings)) as Address;
    if (wal === 'archive') await this.archiveTo(this.address);
    if (wal === 'receive-sync') await this.synchronize();
  }

  /** As the bring-up does: the repository's address is known only after the primary's. */
  async archiveTo(to: { host: string; port: number }): Promise<void> {
    const directory = join(this.directory, `archiving-${randomBytes(3).toString('hex')}`);
    this.makeOpen(directory);
    const owner = ownerOf(identity);
    const admin = { ...this.database.address(), ...this.database.credentials.admin };
    await startArchiving(admin, { directory, owner, to, token: TOKEN, timeout_ms: 1_000 });
  }

  /** A directory that the databases' user can pass through. */
  makeOpen(directory: string): void {
    mkdirSync(directory, { mode: 0o711 });
    chmodSync(directory, 0o711);
  }

  async set(name: string, value: string): Promise<void> {
    await this.database.query(`alter system set ${name} = '${value.replaceAll("'", "''")}'`);
    await this.database.query('select pg_reload_conf()');
  }

  async synchronize(): Promise<void> {
    await this.set('synchronous_standby_names', SLOT);
    const sql = `select 1 from pg_stat_replication where application_name = '${SLOT}'
      and sync_state = 'sync'`;
    await eventually(async () => (await this.database.query(sql)).length === 1, 'synchronous');
  }

  async backup(): Promise<BackupFacts> {
    return (await this.program.request('backup', {}, 60_000)) as BackupFacts;
  }

  async state(): Promise<RepositoryState> {
    return (await this.program.request('state', {})) as RepositoryState;
  }

  async hold(): Promise<RepositoryState> {
    return (await this.program.request('hold', {})) as RepositoryState;
  }

  async restore(
    target: RestoreTarget = { by: 'all' },
    changes: Partial<RestoreOptions> = {},
  ): Promise<Restored> {
    const restored = await restore({ ...(await this.restoring()), target, ...changes });
    this.#restored.push(restored);
    return restored;
  }

  /** Options of the next restore. */
  async restoring(): Promise<Omit<RestoreOptions, 'target'>> {
    const { bin } = await locatePostgres(process.env, identity);
    const number = (this.#restores += 1);
    return {
      title: 'west/postgres',
      ...{ bin, identity, environment: process.env, clock, ready_ms: 30_000 },
      data: join(this.directory, `restored-${number}`),
      logFile: join(this.directory, `restored-${number}.log`),
      repository: this.repository,
      settings: { ...serverSettings(100), synchronous_standby_names: SLOT },
      admissions: [{ database: 'all', user: ADMIN }],
      admin: this.database.credentials.admin,
    };
  }

  primaryLog(): string {
    const logs = join(dirname(dirname(this.database.server.data)), 'logs');
    return readFileSync(join(logs, 'postgres.log'), 'utf8');
  }

  /** A power cut: the whole tree at once. */
  async kill(): Promise<void> {
    await untilGone(killTrees([this.database.server.pid]), clock, 5_000);
  }

  async stop(): Promise<void> {
    for (const { server } of this.#restored) await server.stop();
    this.#program?.release();
    if (this.#program !== null) await this.#program.exited;
    const { server } = this.database;
    const { bin } = await locatePostgres(process.env, identity);
    if (server.pids().length === 0) {
      const logFile = join(this.directory, 'scrub.log');
      const own = () => Promise.resolve(bin);
      const where = { title: 'east', bin: own, data: server.data, environment: process.env };
      await scrub({ ...where, logFile, clock });
    }
    await this.database.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Rows `writer/sequence` of a restored server. */
export async function rowsOf(stored: Stored, { server }: Restored): Promise<string[]> {
  const { host, port } = server;
  const client = new Client({
    host,
    port,
    database: DATABASE,
    ...stored.database.credentials.admin,
  });
  await client.connect();
  try {
    const sql = `select writer || '/' || sequence as id from orders order by writer, sequence`;
    return (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

/** Writers of their own, each with one write in flight, until they are stopped or lose the server. */
export class Writers {
  readonly acknowledged = new Set<string>();
  readonly sent = new Set<string>();
  /** Of each acknowledged write, a position in the log before its commit. */
  readonly positions = new Map<string, bigint>();
  readonly #running: Promise<void>[] = [];
  #isOver = false;

  constructor({ database }: Stored, count: number) {
    for (let writer = 1; writer <= count; writer++) {
      this.#running.push(this.#write(new Client(database.address()), writer));
    }
  }

  async #write(client: Client, writer: number): Promise<void> {
    client.on('error', () => {});
    try {
      await client.connect();
      for (let sequence = 1; !this.#isOver; sequence++) {
        const id = `${writer}/${sequence}`;
        this.sent.add(id);
        const { rows } = await client.query<{ lsn: string }>(
          `insert into orders (writer, sequence, payload, region)
           values ($1, $2, repeat('x', 200), 'east') returning pg_current_wal_insert_lsn() as lsn`,
          [writer, sequence],
        );
        this.acknowledged.add(id);
        this.positions.set(id, parseLsn(rows[0]!.lsn));
      }
      await client.end();
    } catch {
      // The server is gone.
    }
  }

  async until(acknowledged: number): Promise<void> {
    await eventually(() => this.acknowledged.size >= acknowledged, `${acknowledged} writes`);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }
}

export async function insertRows(
  { database }: Stored,
  writer: number,
  rows: number,
): Promise<void> {
  await database.query(
    `insert into orders (writer, sequence, payload, region)
     select ${writer}, s, repeat('x', 200), 'east' from generate_series(1, ${rows}) s`,
  );
}

export function idsOf(writer: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, index) => `${writer}/${index + 1}`);
}

export async function eventually(
  look: () => boolean | Promise<boolean>,
  what: string,
  atMost_ms = 20_000,
): Promise<void> {
  const until = clock.now() + atMost_ms;
  while (!(await look())) {
    if (clock.now() > until) throw new Error(`not within ${atMost_ms} ms: ${what}`);
    await clock.sleep(5);
  }
}

/** What the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`);
    },
    (error: Error) => error,
  );
}
