// A backup of somebody's own, from its files to what is in it: copied, checked against its
// manifest, replayed, asked. What is wrong is a finding, and as much as can be is found out.
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { RestoreCheckResult, RestoreFinding } from '../../evidence/backup/restore-form.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { verifyBackup, type BackupRange } from '../backup/backup-manifest.ts';
import { postgresOfVersion } from '../server/programs-of-version.ts';
import { Deadline, NotFinished, refuseKilled } from './deadline.ts';
import { replay } from './replay.ts';
import { nothingRestored, type Found, type Restoring } from './restoring.ts';
import { unreadable } from './source/folder.ts';
import { lookAtBackup, requireRoom, type LaidBackup } from './source/lay-backup.ts';
import type { BackupSource } from './source/source.ts';

export async function restoreBackup(restoring: Restoring): Promise<Found> {
  const { file, source, data, identity, environment, clock, onStep } = restoring;
  const deadline = new Deadline(clock, file.deadline, restoring.signal);
  const refusedEarly = otherCluster(source.system, file);
  if (refusedEarly !== null) return nothingRestored([refusedEarly]);
  const began = clock.now();
  onStep('copy the backup');
  requireRoom(data, source.facts.bytes);
  const laying = { data, identity, environment };
  const copied = await deadline
    .during('copy the backup', (limits) => source.lay({ ...laying, ...limits }))
    .then((check) => ({ check }), problemOf);
  if ('late' in copied) return nothingRestored([copied.late]);
  const copy_ms = clock.now() - began;
  const laid = 'problem' in copied ? copied.problem : lookAtBackup(data);
  if (typeof laid === 'string') {
    return nothingRestored([{ code: 'damaged-backup', text: laid }]);
  }
  const summed = 'problem' in copied ? null : copied.check;
  const backup = factsOf(source, laid);
  const refused = refusalOf(laid, file);
  if (refused !== null) return { ...nothingRestored([refused]), backup };
  const verified = await verify(restoring, summed);
  const programs = await postgresOfVersion(laid.major, environment, identity);
  await restoring.deferScrub(programs.bin);
  const { timeline, start_lsn: lsn } = laid.label!;
  const range = verified.range ?? source.range ?? { timeline, lsn, end_lsn: lsn };
  const { bin, version } = programs;
  const { system } = laid;
  const isDamaged = verified.check.state === 'failed';
  const replaying = { ...range, system, bin, version, deadline, isDamaged };
  const replayed = await replay(restoring, replaying);
  const restored =
    replayed.restored === null ? null : { copy_ms, verify_ms: verified.ms, ...replayed.restored };
  const { newest, findings } = replayed;
  const checks = [verified.check, ...replayed.checks];
  return { backup, server: { version }, restored, newest, checks, findings };
}

/** Why it could not be copied; what is of the machine is thrown on. */
function problemOf(error: unknown) {
  if (error instanceof NotFinished) return { late: error.finding };
  if (error instanceof EnvironmentError) throw error;
  const problem = reasonOf(error);
  const code = (error as { readonly code?: string }).code ?? null;
  refuseKilled('the backup', 'it to be copied', code);
  if (code === 'EACCES') throw unreadable('the backup');
  return { problem };
}

function factsOf({ facts }: BackupSource, { major, system, label }: LaidBackup) {
  const until = label?.started_until ?? null;
  return {
    ...facts,
    major,
    system,
    started_at: label?.started_at ?? null,
    ...(until === null ? {} : { started_until: until }),
    start_lsn: label?.start_lsn ?? null,
    timeline: label?.timeline ?? null,
  };
}

function otherCluster(system: string | null, { backup }: RestoreFile): RestoreFinding | null {
  const expected = 'identifier' in backup ? backup.identifier : undefined;
  if (system === null || expected === undefined || expected === system) return null;
  const text = `it is a backup of the cluster ${system}, expected one of ${expected}`;
  return { code: 'other-cluster', text };
}

function refusalOf({ system, label }: LaidBackup, file: RestoreFile): RestoreFinding | null {
  const other = otherCluster(system, file);
  if (other !== null) return other;
  if (label === null) {
    const text = 'backup_label: missing or damaged, so that nobody knows where replay begins';
    return { code: 'no-backup-label', text };
  }
  if (!label.isIncremental) return null;
  const text = 'it is incremental, and worth nothing alone: pg_combinebackup makes one of several';
  return { code: 'damaged-backup', text };
}

interface Verified {
  readonly ms: number;
  readonly range: BackupRange | null;
  readonly check: RestoreCheckResult;
}

/** The log that a backup does not carry may be in the archive: that shows when it is replayed. */
async function verify(
  { data, clock, source, onStep }: Restoring,
  check: RestoreCheckResult | null,
): Promise<Verified> {
  if (check !== null) return { ms: 0, range: null, check };
  onStep('check it against its manifest');
  const began = clock.now();
  const name = 'files agree with the manifest';
  const found = await verifyBackup(data);
  const problems = found.problems.filter((problem) => !problem.startsWith('pg_wal:'));
  const ms = clock.now() - began;
  const isThere = found.files > 0;
  const state = problems.length === 0 ? 'passed' : isThere ? 'failed' : 'skipped';
  const hints = isThere || source.manifestHint === undefined ? [] : [source.manifestHint];
  const detail =
    problems.length === 0 ? `${found.files} files` : [...problems, ...hints].join('; ');
  return { ms, range: found.range, check: { name, state, detail } };
}
