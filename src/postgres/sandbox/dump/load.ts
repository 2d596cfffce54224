// A dump, loaded into an empty server of the sandbox, and asked what is in it. It has no log: what
// is in it is what was there at the moment of its snapshot.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import type { RestoreFile } from '../../../drill/restore/schema.ts';
import type {
  RestoreCheckResult,
  RestoreFacts,
  RestoreFinding,
} from '../../../evidence/backup/restore-form.ts';
import { makePrivateDirectory } from '../../../host/files.ts';
import { partFailure } from '../../../host/machine/last-words.ts';
import { endWithin } from '../../../host/process/end-within.ts';
import { LINE_TOO_LONG, readLines } from '../../../host/process/read-lines.ts';
import { runToEnd } from '../../../host/process/run-to-end.ts';
import { count } from '../../../screen/text.ts';
import { withConnection, type DatabaseAddress } from '../../server/connection.ts';
import { ownerOf } from '../../server/identity.ts';
import type { Server, ServerOptions } from '../../server/launcher.ts';
import { postgresOfVersion } from '../../server/programs-of-version.ts';
import { checkRestored } from '../checks.ts';
import { Deadline, NotFinished, refuseKilled, type StepLimits } from '../deadline.ts';
import { lastBeat } from '../newest.ts';
import { nothingRestored, type Found, type Seeing } from '../restoring.ts';
import { addressOf, startEmpty, wayInto, writeMessage, type Confined } from '../sandbox.ts';
import { requireRoom } from '../source/lay-backup.ts';
import { isDropOfNothing, isError, readErrors, type LoadReport } from './errors.ts';
import type { Dump } from './open.ts';
import { restricted, restrictKey } from './restricted.ts';
import { cutShort, readUnpacked, unknownPacking, withFirstEntry } from './whole.ts';

const INITDB_AT_MOST_MS = 120_000;
const CONNECT_MS = 5_000;
/** What initdb makes, and where one is that never is a dump's own. */
const MADE = 'postgres';
const FROM = 'template1';
const SAID_MAX = 256 * 1024;
const WHOLE = 'the dump is whole';
const LOOK = 'look whether it is whole';

export interface Loading extends Seeing {
  readonly dump: Dump;
}

export async function loadDump(loading: Loading): Promise<Found> {
  const { file, dump, data, identity, environment, clock, onStep } = loading;
  requireRoom(data, dump.bytes);
  onStep(LOOK);
  const began = clock.now();
  const backup = factsOf(dump);
  // It counts apart, and has its own time.
  const whole = await new Deadline(clock, file.deadline, loading.signal)
    .during(LOOK, ({ signal }) => lookAtWhole(dump, signal))
    .catch(unfinished);
  if ('code' in whole) return { ...nothingRestored([whole]), backup };
  const verify_ms = clock.now() - began;
  if (whole.state === 'failed') return { ...nothingRestored([]), backup, checks: [whole] };
  const programs = await postgresOfVersion(dump.major, environment, identity);
  await loading.deferScrub(programs.bin);
  onStep('make an empty server');
  const { bin, version } = programs;
  const confined = { ...loading, bin, version, user: file.user };
  await makeCluster(confined);
  const through = await wayInto(confined);
  const server = await startEmpty({ ...confined, through });
  try {
    const reach = (name: string) => addressOf(confined, server.port, name);
    const limits = { connect_ms: CONNECT_MS, statement_ms: file.deadline };
    await prepare(file, dump, reach, limits);
    onStep('load the dump');
    const start = clock.now();
    const deadline = new Deadline(clock, file.deadline, loading.signal);
    const loaded = await deadline
      .during('load the dump', async (within) => {
        const report = await load(loading, server, through ?? [], within);
        if (report.findings.length > 0) return report;
        await withConnection(reach(file.database), limits, writeMessage);
        return report;
      })
      .catch(unfinished);
    if ('code' in loaded) return { ...nothingRestored([loaded]), backup, checks: [whole] };
    const { checks: asides, findings } = loaded;
    const copy_ms = clock.now() - start;
    const heartbeat = file.heartbeat?.table ?? null;
    const at = heartbeat === null ? null : await lastBeat(reach(file.database), heartbeat, limits);
    onStep('look at what is in it');
    const checking = { reach, database: file.database, limits, at_ms: loading.at_ms };
    const checks = [whole, ...asides, ...(await checkRestored(file.checks, checking))];
    const log = { timeline: null, replayed_to: null, log_end: null };
    const restored = { copy_ms, verify_ms, replay_ms: 0, ...log };
    const newest = { transaction_at: null, heartbeat_at: at };
    return { backup, server: { version }, restored, newest, checks, findings: [...findings] };
  } finally {
    await server.abandon();
  }
}

function factsOf({ format, bytes, facts }: Dump): NonNullable<RestoreFacts['backup']> {
  const { label, major, started_at, started_until } = facts;
  const none = { system: null, start_lsn: null, timeline: null };
  const started = { started_at, started_until };
  return { kind: 'pg_dump', label, format, bytes, major: String(major), ...started, ...none };
}

/** Of the forms that pg_restore reads from one file it says so itself. */
async function lookAtWhole(
  { path, format, facts }: Dump,
  signal: AbortSignal,
): Promise<RestoreCheckResult> {
  const as = (state: RestoreCheckResult['state'], detail: string) => ({
    name: WHOLE,
    state,
    detail,
  });
  if (format === 'sql' || format === 'directory') {
    const problems = await cutShort(path, format, signal);
    if (problems.length > 0) return as('failed', problems.slice(0, 3).join('; '));
  }
  const unknown = format === 'directory' ? unknownPacking(path) : null;
  if (unknown !== null) return as('skipped', `how ${unknown} is packed is not known`);
  const { tables } = facts;
  if (tables === 0) return as('skipped', 'it has the rows of no table: a dump of the schema alone');
  return as(
    'passed',
    tables === null ? 'it ends as it should' : `rows of ${count(tables, 'table')}`,
  );
}

async function makeCluster({ bin, data, user, identity, environment, signal }: Confined) {
  const owner = ownerOf(identity);
  makePrivateDirectory(data, owner);
  const form = ['--no-locale', '-E', 'UTF8', '--data-checksums', '--no-sync', '-A', 'trust'];
  const { problem, all } = await runToEnd(join(bin, 'initdb'), ['-D', data, '-U', user, ...form], {
    environment: { ...environment, LC_ALL: 'C', TZ: 'UTC' },
    owner,
    atMost_ms: INITDB_AT_MOST_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (problem === null) return;
  const log = all.trimEnd().split('\n');
  const hint = 'see its output';
  const expected = 'initdb to make its server';
  throw partFailure({ what: 'the sandbox of the dump', expected, found: problem, hint, log });
}

/** What one with `--create` makes is not there before. */
async function prepare(
  { backup, database, user }: RestoreFile,
  { facts: { creates } }: Dump,
  reach: (database: string) => DatabaseAddress,
  limits: { readonly connect_ms: number; readonly statement_ms: number },
): Promise<void> {
  const roles = backup.kind === 'pg_dump' ? backup.roles : [];
  await withConnection(reach(FROM), limits, async (client) => {
    for (const role of new Set(roles)) {
      if (role !== user) await client.query(`create role ${client.escapeIdentifier(role)}`);
    }
    if (creates === MADE) await client.query(`drop database ${MADE}`);
    if (creates !== null || database === MADE) return;
    await client.query(`create database ${client.escapeIdentifier(database)} template template0`);
  });
}

function unfinished(error: unknown): RestoreFinding {
  if (error instanceof NotFinished) return error.finding;
  throw error;
}

async function load(
  { file, dump, sockets, environment, identity }: Loading,
  { port }: Server,
  through: readonly string[],
  limits: StepLimits,
): Promise<LoadReport> {
  const { backup, user, database } = file;
  const into = dump.facts.creates === null ? database : FROM;
  const way = ['-w', '-h', sockets, '-p', String(port), '-U', user, '-d', into];
  // What is in a dump is code of somebody else here too: psql has a command that runs programs.
  const owner = through.length === 0 ? ownerOf(identity) : null;
  const own = { environment: { ...environment, LC_ALL: 'C' }, owner, ...limits };
  const [program, ...before] = [...through, dump.program];
  if (dump.format === 'sql') {
    const words = [...before, '-X', '-q', ...way, '-f', '-'];
    const { said, how } = await feed(dump, [program, ...words], own);
    return readErrors(said, how);
  }
  const jobs = backup.kind === 'pg_dump' && dump.format !== 'tar' ? backup.jobs : 1;
  // Who owns what and who may do what is of the cluster; a subscription would lead out of here.
  const without = ['--no-owner', '--no-privileges', '--no-subscriptions'];
  const words = [...before, ...way, ...without, `--jobs=${jobs}`, dump.path];
  const { all, problem } = await runToEnd(program, words, own);
  refuseKilled('the dump', 'pg_restore to load it', problem);
  return readErrors(all, problem);
}

interface Feeding extends StepLimits, Pick<ServerOptions, 'environment'> {
  readonly owner: ReturnType<typeof ownerOf>;
}

/** Has psql read it, unpacked where it is packed. */
async function feed(
  { program, path, facts }: Dump,
  [command = '', ...words]: readonly string[],
  { environment, owner, atMost_ms, signal }: Feeding,
) {
  const own = { cwd: '/', env: environment, ...owner };
  const key = await restrictKey(program);
  const running = spawn(command, words, { ...own, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  let errors = '';
  let first: number | null = null;
  let dropped = '';
  // However much else is said, an error is kept: psql goes on after it, and ends with 0.
  const hear = (line: string) => {
    if (isDropOfNothing(line, first)) dropped ||= `${line}\n`;
    else if (said.length < SAID_MAX) said += `${line}\n`;
    else if (isError(line) && errors.length < SAID_MAX) errors += `${line}\n`;
  };
  readLines(running.stderr, hear, () => (errors += `psql: error: it said ${LINE_TOO_LONG}\n`));
  const heard = once(running.stderr, 'close');
  const counted = (chunks: AsyncIterable<Buffer>) => withFirstEntry(chunks, (at) => (first = at));
  const refusing = (chunks: AsyncIterable<Buffer>) =>
    key === null ? chunks : restricted(chunks, key, facts.creates);
  const feeding = pipeline(readUnpacked(path), refusing, counted, running.stdin).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const { code, why } = await endWithin(running, { atMost_ms, signal });
  refuseKilled('the dump', 'psql to load it', why);
  const broken = await feeding;
  await heard;
  // In what makes nothing at all no drop is expected either.
  if (first === null) errors += dropped;
  return { said: said + errors, how: code === 0 ? broken : why };
}
