// Brings a stack up: its directory, its ports, its files, and then its own script.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOOPBACK } from '../../../src/host/ports.ts';
import { runToEnd } from '../../../src/host/process/run-to-end.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { makePlace, type Place } from './place.ts';
import { claimPorts } from './ports.ts';
import { STACK_MARK } from './remains.ts';
import type { Argv, NodeName, Stack } from './stack.ts';

/** What is special of one. */
export interface Definition {
  /** Its name in `scripts/`. */
  readonly script: string;
  /** Where PostgreSQL's programs are. */
  readonly bin: string;
  /** Where its other programs are, besides the usual places. */
  readonly path?: string;
  /** Names of ports besides those of the databases. */
  readonly ports?: readonly string[];
  /** The name of the port where clients come in. */
  readonly clients?: string;
  /** The names of the ports where each node says by `GET /primary` whether it is the primary. */
  readonly words?: Readonly<Record<NodeName, string>>;
  /** What is appended to `postgresql.conf`. */
  readonly settings?: string;
  /** Files that it needs, by their names. */
  readonly files?: (made: Made) => Readonly<Record<string, string>>;
  /** Statements in the users' database. */
  readonly sql?: (made: Made) => string;
}

export interface Made {
  readonly directory: string;
  readonly bin: string;
  /** By their names: `DB1`, `DB2`, and what the definition asks for. */
  readonly ports: Readonly<Record<string, number>>;
  /** Of every role but drill's own. */
  readonly password: string;
}

const DATABASE = 'app';
const RUN_AT_MOST_MS = 120_000;
const PROGRAMS = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Processes are killed here and no machine: what `fsync` is for never happens. */
const USUAL_SETTINGS = `
listen_addresses = '${LOOPBACK}'
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
shared_buffers = 32MB
max_connections = 300
wal_level = logical
wal_log_hints = on
wal_keep_size = 256MB
wal_retrieve_retry_interval = 500ms
fsync = off
jit = off
`;

const DOCS = fileURLToPath(new URL('../../../docs/attached.md', import.meta.url));

/** The users' own, and the role of drill just as its page says: with no right beyond that. */
function usualSql(password: string): string {
  const [, role = ''] = /```sql\n([^`]*)```/.exec(readFileSync(DOCS, 'utf8')) ?? [];
  const quoted = password.replaceAll("'", "''");
  return `
create table customers (id bigint primary key, name text not null);
insert into customers select id, 'customer ' || id from generate_series(1, 100) id;
${role.replace('limit 100', 'limit 250').replace('…', () => quoted)}
`;
}

export async function startStack(definition: Definition): Promise<Stack> {
  const { script, bin } = definition;
  const names = ['DB1', 'DB2', ...(definition.ports ?? [])];
  const claim = await claimPorts(names.length);
  const ports = Object.fromEntries(names.map((name, at) => [name, claim.ports[at]!]));
  const place = makePlace();
  const down = async () => {
    claim.release();
    await place.remove();
  };
  const made = { directory: place.directory, bin, ports, password: newPassword() };
  const password = `${newPassword()}${ODD}`;
  try {
    writeFiles(place, definition, made, password);
    const program = join(place.directory, 'bin', `${script}.sh`);
    await runArgv([program, 'up'], { ...process.env, [STACK_MARK]: place.id });
    return { ...stackOf(definition, made, password, program), down };
  } catch (error) {
    await down();
    throw error;
  }
}

/** Resolves to what it prints; rejects unless it ends with 0. */
export async function runArgv(
  [program, ...args]: Argv,
  environment = process.env,
): Promise<string> {
  const options = { environment, atMost_ms: RUN_AT_MOST_MS };
  const { stdout, all, problem } = await runToEnd(program, args, options);
  if (problem !== null) throw new Error(`${[program, ...args].join(' ')}: ${problem}\n${all}`);
  return stdout;
}

/** Of drill's role alone: what an address, a statement and a shell each take for something else. */
const ODD = ` @/:%41?'"$#`;

function newPassword(): string {
  return randomBytes(12).toString('hex');
}

function writeFiles(place: Place, definition: Definition, made: Made, password: string): void {
  const { uid, gid } = databaseIdentity();
  const ports = Object.entries(made.ports).map(([name, port]) => `${name}_PORT=${port}`);
  const variables = [
    ...[`STACK=${place.id}`, `USER_ID=${uid}`, `GROUP_ID=${gid}`],
    ...[
      `BIN='${made.bin}'`,
      `PROGRAMS='${PROGRAMS}${definition.path === undefined ? '' : `:${definition.path}`}'`,
      ...ports,
    ],
  ];
  place.write('stack.env', variables.map((line) => `${line}\n`).join(''));
  place.write('password', made.password);
  place.write('pgpass', `${LOOPBACK}:*:*:*:${made.password}\n`);
  place.write('settings.conf', `${USUAL_SETTINGS}${definition.settings ?? ''}`);
  place.write('app.sql', `${usualSql(password)}${definition.sql?.(made) ?? ''}`);
  for (const [name, text] of Object.entries(definition.files?.(made) ?? {}))
    place.write(name, text);
}

function stackOf(
  { clients, words }: Definition,
  { ports, directory, password: adminPassword }: Made,
  password: string,
  program: string,
): Omit<Stack, 'down'> {
  const command = (verb: string, ...args: string[]): Argv => [program, verb, ...args];
  const url = (user: string, port: number) => `postgres://${user}@${LOOPBACK}:${port}/${DATABASE}`;
  const both = (user: string): Record<NodeName, string> => ({
    'east/db1': url(user, ports['DB1']!),
    'west/db2': url(user, ports['DB2']!),
  });
  const word = (name: string) => `http://${LOOPBACK}:${ports[name]}/primary`;
  return {
    directory,
    databases: both(`drill:${encodeURIComponent(password)}`),
    admins: both(`postgres:${adminPassword}`),
    clients:
      clients === undefined ? null : url(`drill:${encodeURIComponent(password)}`, ports[clients]!),
    primaryUrls:
      words === undefined
        ? null
        : { 'east/db1': word(words['east/db1']), 'west/db2': word(words['west/db2']) },
    primary: command('primary'),
    settings: command('settings'),
    command,
    lose: (how, node = 'east/db1') => command('lose', how, node),
    thaw: (node = 'east/db1') => command('thaw', node),
    undo: (node = 'east/db1') => command('undo', node),
    arm: (seconds, node = 'east/db1') => command('arm', node, String(seconds)),
    disarm: (node = 'east/db1') => command('disarm', node),
    switchOver: (to = 'west/db2') => command('switch-over', to),
  };
}
