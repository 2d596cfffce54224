// A restore drill of a backup of pgBackRest, of Barman and of pg_dump, beside what their own programs
// need to bring the same backup back, to the first write. Both flush to the disk.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock, hostNow } from '../src/host/clock.ts';
import { SERVER, startBarman } from '../test/support/backups/barman.ts';
import { drillIt } from '../test/support/backups/drill-it.ts';
import { startPgbackrest, STANZA } from '../test/support/backups/pgbackrest.ts';
import { Team } from '../test/support/backups/team.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const ROUNDS = 5;
const RATIO_MOST = 1.2;
/** Of some 300 bytes: 90 MB of tables to copy, 60 MB of log to replay. */
const ROWS = { backed: 300_000, logged: 200_000 };
const ALL = ROWS.backed + ROWS.logged;
const POLL_MS = 10;

interface Case {
  readonly tool: string;
  readonly team: Team;
  /** Of the restore file. */
  readonly backup: string;
  readonly rows: number;
  /** Resolves once it takes writes; it is gone afterwards. Returns what it took. */
  own(): Promise<number>;
}

/** Takes about two minutes. */
export async function benchRestoreTools(report: (line: BenchLine) => void): Promise<void> {
  for (const start of [ofPgbackrest, ofBarman, ofDump]) {
    const one = await start();
    try {
      const rounds: { readonly drill_ms: number; readonly own_ms: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push({ drill_ms: await drill(one), own_ms: await one.own() });
      }
      const ratio = median(rounds.map(({ drill_ms, own_ms }) => drill_ms / own_ms));
      report({
        name: `a restore drill, beside a restore by ${one.tool} itself`,
        measured: ratio,
        unit: '×',
        peer: { name: `${one.tool} took, ms,`, value: median(rounds.map((each) => each.own_ms)) },
        limit: { relation: '<=', value: RATIO_MOST },
        ok: ratio <= RATIO_MOST,
      });
    } finally {
      await one.team.down();
    }
  }
}

async function drill({ team, backup, rows }: Case): Promise<number> {
  const check = `{ query: { sql: select count(*) from orders, expected: ${rows} } }`;
  const text = `restore: 1\nname: bench\ndatabase: app\nbackup: { ${backup} }\nchecks: [${check}]\n`;
  const { verdict, restore_ms, reasons } = await drillIt(join(team.directory, 'session'), text);
  if (verdict !== 'pass' || restore_ms === null) throw new Error(reasons.join('; '));
  return restore_ms;
}

async function ofPgbackrest(): Promise<Case> {
  const made = await startPgbackrest();
  const { team, repository } = made;
  await team.write(ROWS.backed);
  await made.backup('full');
  await team.write(ROWS.logged);
  await team.archive();
  await team.stopServer();
  return {
    tool: 'pgBackRest',
    team,
    backup: `kind: pgbackrest, path: ${repository}, stanza: ${STANZA}`,
    rows: ALL,
    own: () => restoredBy(team, (data) => made.restoreInto(data)),
  };
}

async function ofBarman(): Promise<Case> {
  const made = await startBarman('postgres');
  const { team, folder } = made;
  await team.write(ROWS.backed);
  await made.barman('backup', SERVER);
  await team.write(ROWS.logged);
  await team.archive();
  await made.barman('archive-wal', SERVER);
  await team.stopServer();
  return {
    tool: 'Barman',
    team,
    backup: `kind: barman, path: ${folder}`,
    rows: ALL,
    own: () => restoredBy(team, (data) => made.restoreInto(data)),
  };
}

async function ofDump(): Promise<Case> {
  const team = await Team.start(() => "archive_command = 'true'\nfsync = on\n");
  await team.write(ROWS.backed);
  await team.run('pg_dump', ['-h', team.directory, '-U', 'postgres', '-Fc', '-f', 'dump', 'app']);
  return {
    tool: 'pg_restore',
    team,
    backup: `kind: pg_dump, path: ${join(team.directory, 'dump')}`,
    rows: ROWS.backed,
    own: () => loadedBy(team),
  };
}

/** Into a server as new as the one that a drill makes: its first log has yet to be allocated. */
async function loadedBy(team: Team): Promise<number> {
  const data = join(team.directory, 'again');
  await team.run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres', '-k', '-N']);
  const own = `listen_addresses = ''\nunix_socket_directories = '${team.directory}'\nport = 5433\n`;
  appendFileSync(join(data, 'postgresql.conf'), own);
  await team.startServer(data);
  const way = ['-h', team.directory, '-p', '5433', '-U', 'postgres'];
  await team.run('createdb', [...way, '-T', 'template0', 'again']);
  const began = hostNow();
  await team.run('pg_restore', [...way, '-d', 'again', '--no-owner', '--no-privileges', 'dump']);
  const took = hostNow() - began;
  await team.stopServer(data);
  rmSync(data, { recursive: true });
  return took;
}

async function restoredBy(team: Team, restoreInto: (data: string) => Promise<void>) {
  const data = join(team.directory, 'again');
  const began = hostNow();
  await restoreInto(data);
  appendFileSync(join(data, 'postgresql.auto.conf'), 'fsync = on\n');
  await team.startServer(data);
  while ((await team.sql('select pg_is_in_recovery()')) === 't') await hostClock().sleep(POLL_MS);
  const took = hostNow() - began;
  const rows = Number(await team.sql('select count(*) from orders'));
  if (rows !== ALL) throw new Error(`expected ${ALL} rows, found ${rows}`);
  await team.stopServer(data);
  rmSync(data, { recursive: true });
  return took;
}
