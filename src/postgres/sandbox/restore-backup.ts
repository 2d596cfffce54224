// A backup of somebody's own, from its files to what is in it: copied, checked against its
// manifest, replayed, asked. What is wrong is a finding, and as much as can be is found out.
import { join } from 'node:path';
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { RestoreFacts, RestoreFinding } from '../../evidence/backup/restore-form.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { Owner } from '../../host/files.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { verifyBackup, type BackupRange } from '../backup/backup-manifest.ts';
import { layPartial, logSince } from '../repository/restore-log.ts';
import { forkOf, RecoveryFailure, type RecoveringServer } from '../restore/restored-server.ts';
import { setupFailure } from '../server/connection.ts';
import { ownerOf } from '../server/identity.ts';
import type { ServerOptions } from '../server/launcher.ts';
import { formatLsn, parseLsn, segmentStart } from '../server/lsn.ts';
import { postgresOfVersion } from '../server/programs-of-version.ts';
import { lookAtLog, someFileOf } from './archive-view.ts';
import { checkRestored } from './checks.ts';
import { layBackup, lookAtBackup, type BackupFormat, type LaidBackup } from './lay-backup.ts';
import { lastBeat, newestTransaction } from './newest.ts';
import { endOfRecovery } from './end-of-recovery.ts';
import { addressOf, startSandbox, type Sandbox } from './sandbox.ts';

export interface Restoring extends Omit<ServerOptions, 'bin'> {
  readonly file: RestoreFile;
  /** The backup, without links in the path; its form, and the bytes of it. */
  readonly from: string;
  readonly format: BackupFormat;
  readonly bytes: number;
  /** As the archive was at the disaster. */
  readonly view: string;
  readonly sockets: string;
  readonly at_ms: number;
  readonly onStep: (title: string) => void;
  /** Has what the server leaves in shared memory freed, whatever becomes of this process. */
  readonly deferScrub: (bin: string) => Promise<void>;
}

type Found = Omit<RestoreFacts, 'schema' | 'id' | 'at' | 'drill_version'>;

const NOTHING = { transaction_at: null, heartbeat_at: null } as const;
const DEFAULT_SEGMENT_BYTES = 16 * 2 ** 20;
const CONNECT_MS = 5_000;

export async function restoreBackup(restoring: Restoring): Promise<Found> {
  const { file, from, format, bytes, data, identity, environment, clock, onStep } = restoring;
  const began = clock.now();
  onStep('copy the backup');
  const laying = { from, format, data, owner: identity, environment, atMost_ms: file.deadline };
  const failed = await layBackup(laying, bytes).then(
    () => null,
    (error: unknown) => {
      if (error instanceof EnvironmentError) throw error;
      return reasonOf(error);
    },
  );
  restoring.signal?.throwIfAborted();
  const copy_ms = clock.now() - began;
  const laid = failed ?? lookAtBackup(data);
  if (typeof laid === 'string') return nothing([{ code: 'damaged-backup', text: laid }]);
  const { major, system, label } = laid;
  const backup = {
    format,
    bytes,
    major,
    system,
    started_at: label?.started_at ?? null,
    start_lsn: label?.start_lsn ?? null,
    timeline: label?.timeline ?? null,
  };
  const refused = refusalOf(laid, file);
  if (refused !== null) return { ...nothing([refused]), backup };
  onStep('check it against its manifest');
  const verified = await verify(restoring);
  const programs = await postgresOfVersion(major, environment, identity);
  const server = { version: programs.version };
  await restoring.deferScrub(programs.bin);
  const range = verified.range ?? {
    timeline: label!.timeline,
    lsn: label!.start_lsn,
    end_lsn: label!.start_lsn,
  };
  const replayed = await replay(restoring, { ...range, system, bin: programs.bin });
  const restored =
    replayed.restored === null ? null : { copy_ms, verify_ms: verified.ms, ...replayed.restored };
  const { newest } = replayed;
  const checks = [verified.check, ...replayed.checks];
  return { backup, server, restored, newest, checks, findings: replayed.findings };
}

function nothing(findings: readonly RestoreFinding[]): Found {
  return { backup: null, server: null, restored: null, newest: NOTHING, checks: [], findings };
}

function refusalOf({ system, label }: LaidBackup, file: RestoreFile): RestoreFinding | null {
  const { identifier } = file.backup;
  if (identifier !== undefined && identifier !== system) {
    const text = `it is a backup of the cluster ${system}, expected one of ${identifier}`;
    return { code: 'other-cluster', text };
  }
  if (label === null) {
    const text = 'backup_label: missing or damaged, so that nobody knows where replay begins';
    return { code: 'no-backup-label', text };
  }
  if (!label.isIncremental) return null;
  const text = 'it is incremental, and worth nothing alone: pg_combinebackup makes one of several';
  return { code: 'damaged-backup', text };
}

/** The log that a backup does not carry may be in the archive: that shows when it is replayed. */
async function verify({ data, clock }: Restoring) {
  const began = clock.now();
  const name = 'files agree with the manifest';
  const found = await verifyBackup(data);
  const problems = found.problems.filter((problem) => !problem.startsWith('pg_wal:'));
  const ms = clock.now() - began;
  const state = problems.length === 0 ? 'passed' : found.files === 0 ? 'skipped' : 'failed';
  const detail = problems.length === 0 ? `${found.files} files` : problems.join('; ');
  return { ms, range: found.range, check: { name, state, detail } as const };
}

interface Replaying extends BackupRange {
  readonly system: string;
  readonly bin: string;
}

async function replay(restoring: Restoring, { bin, system, ...range }: Replaying) {
  const { file, data, view, identity, onStep } = restoring;
  const owner = ownerOf(identity);
  await requireReadable(view, owner);
  const begin = parseLsn(range.lsn);
  const archived = lookAtLog(view, system, begin);
  const carried = join(data, 'pg_wal');
  const own = lookAtLog(carried, system, begin);
  const segment_bytes = archived.segment_bytes ?? own.segment_bytes ?? DEFAULT_SEGMENT_BYTES;
  const findings = findingsOfLog(archived, system);
  const source = { system, segment_bytes };
  const since = logSince({ wal: view, carried }, { ...source, ...range });
  layPartial(view, data, since, owner);
  onStep('replay the log');
  const { timeline: follow, user, database } = file;
  const sandbox: Sandbox = { ...restoring, bin, timeline: follow, user, database };
  let recovering: RecoveringServer;
  try {
    recovering = await startSandbox(sandbox);
  } catch (error) {
    if (!(error instanceof RecoveryFailure)) throw error;
    const none = { restored: null, newest: NOTHING } as const;
    const end = endOfRecovery(error, restoring.logFile, since);
    if (end === 'never-begun') throw setupFailure(`PostgreSQL on ${restoring.title}`, error);
    if (end !== 'unreached') return { ...none, checks: [], findings: [...findings, end] };
    const name = `${database} can be reached as ${user}`;
    const check = { name, state: 'failed', detail: error.message } as const;
    return { ...none, checks: [check], findings };
  }
  const { server, timeline, ms: replay_ms } = recovering;
  try {
    const reach = (name: string) => addressOf(sandbox, server.port, name);
    const limits = { connect_ms: CONNECT_MS, statement_ms: file.deadline };
    const fork = await forkOf(reach(database), timeline);
    const place = { timeline: fork.before, lsn: formatLsn(fork.at), end_lsn: formatLsn(fork.at) };
    const after = logSince({ wal: view, carried: view }, { ...source, ...place });
    const heartbeat = file.heartbeat?.table ?? null;
    const newest = {
      transaction_at: await newestTransaction(reach(database), limits),
      heartbeat_at: heartbeat === null ? null : await lastBeat(reach(database), heartbeat, limits),
    };
    findings.push(...findingsAtEnd(fork.at, after, segment_bytes, newest.transaction_at));
    onStep('look at what is in it');
    const checking = { reach, database, limits, at_ms: restoring.at_ms };
    const checks = await checkRestored(file.checks, checking);
    const end = { timeline, replayed_to: formatLsn(fork.at), log_end: after.end };
    return { restored: { replay_ms, ...end }, newest, checks, findings };
  } finally {
    await server.abandon();
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

function findingsAtEnd(
  at: bigint,
  { end, gap }: ReturnType<typeof logSince>,
  segment_bytes: number,
  newest: string | null,
): RestoreFinding[] {
  const point = `the last point that could be reached is ${formatLsn(at)}`;
  const when = newest === null ? '' : `, its newest transaction of ${newest}`;
  // The last record may be cut off; more than that is damage, at which replay ends without a word.
  if (at < segmentStart(parseLsn(end) - 1n, segment_bytes)) {
    const text = `replay ended before the archive does, at ${end}; ${point}${when}`;
    return [{ code: 'damaged-log', text }];
  }
  if (gap === null) return [];
  const text = `segment ${gap} is missing although later ones are there; ${point}${when}`;
  return [{ code: 'missing-segment', text }];
}

/** Who cannot read the log would take it for its end. */
async function requireReadable(view: string, owner: Owner): Promise<void> {
  const file = someFileOf(view);
  if (file === null) return;
  const { problem } = await runToEnd('test', ['-r', file], { owner, atMost_ms: 10_000 });
  if (problem === null) return;
  throw new EnvironmentError({
    what: 'the archived log',
    expected: 'files that the user of the restored server can read',
    found: 'that it cannot',
    hint: 'run drill as the user who owns them, or let others read them',
  });
}
