// A cluster that a team runs, of Debian's PostgreSQL, and what its operator types. All of it is in
// one directory, which goes with the test.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';
import { sha256 } from '../../../src/host/sha256.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import { makePlace, type Place } from '../attached/place.ts';
import { locatePostgres } from '../attached/programs.ts';
import { STACK_MARK } from '../attached/remains.ts';

const RUN_AT_MOST_MS = 120_000;
const ARCHIVED_MS = 30_000;
const owner = ownerOf(databaseIdentity());

const SETTINGS = `
listen_addresses = ''
dynamic_shared_memory_type = mmap
shared_buffers = 32MB
wal_level = replica
archive_mode = on
fsync = off
`;

export class Team {
  readonly place: Place;
  readonly bin = locatePostgres('pg_dump', 'pg_restore');

  private constructor(place: Place) {
    this.place = place;
  }

  /** `settings` may need to know where it is; `archive_command` is one of them. */
  static async start(settings: (team: Team) => string): Promise<Team> {
    const team = new Team(makePlace());
    try {
      await team.run('initdb', ['-D', team.data, '-A', 'trust', '-U', 'postgres', '-k', '-N']);
      const own = `unix_socket_directories = '${team.directory}'\n${settings(team)}`;
      appendFileSync(join(team.data, 'postgresql.conf'), `${SETTINGS}${own}`);
      await team.startServer(team.data);
      await team.sql('create database app', 'postgres');
      await team.sql('create table orders (id bigint, created timestamptz, payload text)');
      return team;
    } catch (error) {
      await team.down();
      throw error;
    }
  }

  get directory(): string {
    return this.place.directory;
  }

  get data(): string {
    return join(this.directory, 'data');
  }

  /** As the user of the database, from its directory. Resolves to what it prints. */
  async run(program: string, args: readonly string[]): Promise<string> {
    const { directory, bin } = this;
    const environment = {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: directory,
      LC_ALL: 'C.UTF-8',
      [STACK_MARK]: this.place.id,
    };
    const words = ['-c', 'cd "$0" && exec "$@"', directory, program, ...args];
    const options = { environment, owner, atMost_ms: RUN_AT_MOST_MS };
    const { stdout, all, problem } = await runToEnd('sh', words, options);
    if (problem !== null) throw new Error(`${[program, ...args].join(' ')}: ${problem}\n${all}`);
    return stdout;
  }

  /** Resolves once it takes writes. */
  async startServer(data: string): Promise<void> {
    const log = join(this.directory, 'server.log');
    await this.run('pg_ctl', ['-D', data, '-w', '-t', '100', '-s', '-l', log, 'start']);
  }

  async stopServer(data = this.data): Promise<void> {
    await this.run('pg_ctl', ['-D', data, '-m', 'immediate', '-s', 'stop']);
  }

  /** The first column, a row a line. */
  async sql(text: string, database = 'app'): Promise<string> {
    const way = ['-h', this.directory, '-U', 'postgres', '-d', database];
    return (await this.run('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...way, '-c', text])).trim();
  }

  async write(rows: number): Promise<void> {
    await this.sql(
      `insert into orders select g, now(), repeat(md5(g::text), 8) from generate_series(1, ${rows}) g`,
    );
  }

  /** All that was written until now is in the archive afterwards. */
  async archive(): Promise<void> {
    const last = await this.sql('select pg_walfile_name(pg_switch_wal())');
    const clock = hostClock();
    const until = clock.now() + ARCHIVED_MS;
    for (;;) {
      const done = await this.sql('select last_archived_wal from pg_stat_archiver');
      if (done >= last) return;
      if (clock.now() > until) throw new Error(`${last} is not archived`);
      await clock.sleep(50);
    }
  }

  async down(): Promise<void> {
    await this.place.remove();
  }
}

/** Every file below with its sum and when it was changed, to see whether anything was. */
export function stateOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${sha256(readFileSync(path))}`)
    .sort();
}
