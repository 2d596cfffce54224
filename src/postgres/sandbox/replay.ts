// A backup that is copied, replayed to the end of its log by a server of the sandbox, and asked
// what is in it. A log that ends too early is found out, however quietly it did.
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RestoreFinding } from '../../evidence/backup/restore-form.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { findProgram } from '../../host/files.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import { endWithin } from '../../host/process/end-within.ts';
import type { BackupRange } from '../backup/backup-manifest.ts';
import { layPartial, logSince, type LogToReplay } from '../repository/restore-log.ts';
import { listSegments } from '../repository/layout.ts';
import { restoreCommand } from '../restore/restore-target.ts';
import { forkOf, RecoveryFailure, type RecoveringServer } from '../restore/restored-server.ts';
import { setupFailure } from '../server/connection.ts';
import { ownerOf } from '../server/identity.ts';
import { formatLsn, parseLsn, segmentName, segmentStart, timelineOf } from '../server/lsn.ts';
import { checkRestored } from './checks.ts';
import { NotFinished, type Deadline } from './deadline.ts';
import { brokenRecordIn, endOfRecovery, foreignLogIn } from './end-of-recovery.ts';
import { lastBeat, newestTransaction } from './newest.ts';
import type { Found, Restoring } from './restoring.ts';
import { addressOf, startSandbox, type Sandbox } from './sandbox.ts';
import { lookAtLog, sizeOfSegment, someFileOf } from './source/archive-view.ts';
import { requireReadable } from './source/folder.ts';
import type { LogView } from './source/source.ts';

const NOTHING = { transaction_at: null, heartbeat_at: null } as const;
const DEFAULT_SEGMENT_BYTES = 16 * 2 ** 20;
const CONNECT_MS = 5_000;

interface Replaying extends BackupRange {
  readonly system: string;
  readonly bin: string;
  /** Of the server. */
  readonly version: string;
  readonly deadline: Deadline;
  /** Its files are not as its manifest says. */
  readonly isDamaged: boolean;
}

type Replayed = Pick<Found, 'newest' | 'checks' | 'findings'> & {
  readonly restored: Omit<NonNullable<Found['restored']>, 'copy_ms' | 'verify_ms'> | null;
};

export async function replay(
  restoring: Restoring,
  { bin, version, system, deadline, isDamaged, ...range }: Replaying,
): Promise<Replayed> {
  const { file, data, view, identity, onStep, source } = restoring;
  const owner = ownerOf(identity);
  const archive = view.directory;
  requirePrograms(view, restoring.environment);
  const some = someFileOf(archive);
  if (some !== null) await requireReadable(some, 'the archived log', owner);
  const carried = join(data, 'pg_wal');
  const get = view.get?.(data) ?? null;
  const begin = { system, from: parseLsn(range.lsn) };
  const archived = lookAtLog(archive, begin, view.packed);
  const segment_bytes =
    archived.segment_bytes ??
    lookAtLog(carried, begin).segment_bytes ??
    (get === null ? null : await sizeOfPacked(restoring, get, deadline)) ??
    DEFAULT_SEGMENT_BYTES;
  const findings = findingsOfLog(archived, system);
  const log = { system, segment_bytes };
  const since = logSince({ wal: archive, carried }, { ...log, ...range });
  layPartial(archive, data, since, owner);
  onStep('replay the log');
  const { timeline: follow, user, database } = file;
  const environment = { ...restoring.environment, ...source.environment };
  const own = { environment, bin, version, view: archive, get, user, database };
  const sandbox: Sandbox = { ...restoring, ...own, timeline: follow };
  let recovering: RecoveringServer;
  try {
    recovering = await deadline.during('replay the log', ({ signal }) =>
      startSandbox({ ...sandbox, signal }),
    );
  } catch (error) {
    return withoutServer(restoring, error, { since, findings, system, isDamaged });
  }
  const { server, timeline, ms: replay_ms } = recovering;
  try {
    const reach = (name: string) => addressOf(sandbox, server.port, name);
    const limits = { connect_ms: CONNECT_MS, statement_ms: file.deadline };
    const fork = await forkOf(reach(database), timeline);
    const place = { timeline: fork.before, lsn: formatLsn(fork.at), end_lsn: formatLsn(fork.at) };
    const after = logSince({ wal: archive, carried: archive }, { ...log, ...place });
    const heartbeat = file.heartbeat?.table ?? null;
    const newest = {
      transaction_at: await newestTransaction(reach(database), limits),
      heartbeat_at: heartbeat === null ? null : await lastBeat(reach(database), heartbeat, limits),
    };
    const reached = { at: fork.at, timeline: fork.before, newest: newest.transaction_at };
    findings.push(...foreignLogIn(restoring.logFile, system));
    findings.push(...findingsAtEnd(reached, after, segment_bytes));
    findings.push(...brokenEnd(restoring, reached, segment_bytes));
    if (follow === 'latest') findings.push(...unfollowed(archive, reached));
    onStep('look at what is in it');
    const checking = { reach, database, limits, at_ms: restoring.at_ms };
    const checks = await checkRestored(file.checks, checking);
    const end = { timeline, replayed_to: formatLsn(fork.at), log_end: after.end };
    return { restored: { replay_ms, ...end }, newest, checks, findings };
  } finally {
    await server.abandon();
  }
}

function requirePrograms({ programs }: LogView, environment: ProcessEnvironment): void {
  const missing = programs.find((each) => findProgram(each, environment['PATH']) === null);
  if (missing === undefined) return;
  throw new EnvironmentError({
    what: 'the archived log, which is packed',
    expected: `the program ${missing}, which unpacks it`,
    found: 'none on PATH',
    hint: `install ${missing}`,
  });
}

interface WithoutServer extends Pick<Replaying, 'system' | 'isDamaged'> {
  readonly since: LogToReplay;
  readonly findings: readonly RestoreFinding[];
}

/** It took too long, PostgreSQL gave its recovery up, or is there and not what was asked of it. */
function withoutServer(
  { logFile, title, file }: Restoring,
  error: unknown,
  { since, findings, system, isDamaged }: WithoutServer,
): Replayed {
  const none = { restored: null, newest: NOTHING } as const;
  if (error instanceof NotFinished) {
    return { ...none, checks: [], findings: [...findings, error.finding] };
  }
  if (!(error instanceof RecoveryFailure)) throw error;
  const end = endOfRecovery(error, logFile, since);
  if (end === 'never-begun') {
    // What has no sums, or agrees with them, leaves it to the machine.
    if (!isDamaged) throw setupFailure(`PostgreSQL on ${title}`, error);
    const text = `PostgreSQL does not start with it: ${error.message}`;
    return { ...none, checks: [], findings: [...findings, { code: 'damaged-backup', text }] };
  }
  if (end !== 'unreached') {
    const foreign = foreignLogIn(logFile, system);
    return { ...none, checks: [], findings: [...findings, ...foreign, end] };
  }
  const name = `${file.database} can be reached as ${file.user}`;
  return {
    ...none,
    checks: [{ name, state: 'failed', detail: error.message }],
    findings: [...findings],
  };
}

/** One is unpacked as the server will do it; null where that cannot be done. */
async function sizeOfPacked(
  { data, view, identity, environment, source }: Restoring,
  get: string,
  deadline: Deadline,
): Promise<number | null> {
  const [name] = listSegments(view.directory);
  if (name === undefined) return null;
  const owner = ownerOf(identity);
  const target = join(data, `pg_wal/drill-${name}`);
  const values: Readonly<Record<string, string>> = { '%f': name, '%p': target, '%%': '%' };
  const words = restoreCommand(view.directory, get).replaceAll(/%[fp%]/g, (key) => values[key]!);
  const own = { ...environment, ...source.environment };
  try {
    const { code } = await deadline.during('replay the log', (within) => {
      const around = { cwd: '/', env: own, ...owner, stdio: 'ignore' } as const;
      return endWithin(spawn('sh', ['-c', words], around), within);
    });
    return code === 0 && existsSync(target) ? sizeOfSegment(name, target) : null;
  } catch (error) {
    if (error instanceof NotFinished) return null; // and nothing after it is begun
    throw error;
  } finally {
    rmSync(target, { force: true });
  }
}

function findingsOfLog(
  { damaged, foreign }: ReturnType<typeof lookAtLog>,
  system: string,
): RestoreFinding[] {
  const findings: RestoreFinding[] = [];
  const [first] = foreign;
  if (first !== undefined) {
    const more = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
    const what = `segment ${first.name}${more} in the archive`;
    const text = `${what} is of the cluster ${first.system}, not of ${system}`;
    findings.push({ code: 'other-cluster', text });
  }
  if (damaged.length > 0) findings.push({ code: 'damaged-log', text: damaged.join('; ') });
  return findings;
}

interface Reached {
  readonly at: bigint;
  readonly timeline: number;
  /** Its newest transaction. */
  readonly newest: string | null;
}

const pointOf = ({ at, newest }: Reached) => {
  const when = newest === null ? '' : `, its newest transaction of ${newest}`;
  return `the last point that could be reached is ${formatLsn(at)}${when}`;
};

function findingsAtEnd(
  reached: Reached,
  { end, gap }: LogToReplay,
  segment_bytes: number,
): RestoreFinding[] {
  const point = pointOf(reached);
  // The last record may be cut off; more than that is damage, at which replay ends without a word.
  if (reached.at < segmentStart(parseLsn(end) - 1n, segment_bytes)) {
    const text = `replay ended before the archive does, at ${end}; ${point}`;
    return [{ code: 'damaged-log', text }];
  }
  if (gap === null) return [];
  const text = `segment ${gap} is missing although later ones are there; ${point}`;
  return [{ code: 'missing-segment', text }];
}

/** The last segment is there as a whole, and yet it does not end where it was closed. */
function brokenEnd(
  { logFile, view }: Restoring,
  reached: Reached,
  segment_bytes: number,
): RestoreFinding[] {
  const { at, timeline } = reached;
  const isWhole = listSegments(view.directory).includes(segmentName(timeline, at, segment_bytes));
  const broken = isWhole ? brokenRecordIn(logFile) : null;
  if (broken === null) return [];
  return [{ code: 'damaged-log', text: `replay ended at ${broken}; ${pointOf(reached)}` }];
}

/** Log of a later timeline that nothing led to: what it holds is not in the restored database. */
function unfollowed(archive: string, reached: Reached): RestoreFinding[] {
  const last = Math.max(0, ...listSegments(archive).map(timelineOf));
  if (last <= reached.timeline) return [];
  const history = `${last.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const why = `log of timeline ${last} was not used: ${history} is missing or leads elsewhere`;
  return [{ code: 'wrong-timeline', text: `${why}; ${pointOf(reached)}` }];
}
