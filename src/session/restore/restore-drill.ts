// A restore drill, from what was read to its result: a folder for what is found, a sandbox that is
// cleaned up whatever happens, the facts, and the judgement of them.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRunDirectory, newRunId } from '../../archive/run-directory.ts';
import { parseRestore } from '../../drill/restore/parse.ts';
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { Diagnostic } from '../../drill/file/diagnostic.ts';
import type { SourceFile } from '../../drill/file/yaml-source.ts';
import { deferProcesses, prepare } from '../../engine/begin/begin.ts';
import { Scope } from '../../engine/frame/scope.ts';
import type { RestoreFacts, RestoreResult } from '../../evidence/backup/restore-form.ts';
import { runFile } from '../../evidence/run-files.ts';
import { createUndoLog } from '../../evidence/undo.ts';
import { hostClock } from '../../host/clock.ts';
import { processEnvironment } from '../../host/process/environment.ts';
import { thisRunner } from '../../host/process/runner.ts';
import { packedSegments, viewArchive } from '../../postgres/sandbox/archive-view.ts';
import { bytesBelow, formatOf, type BackupFormat } from '../../postgres/sandbox/lay-backup.ts';
import { restoreBackup } from '../../postgres/sandbox/restore-backup.ts';
import { databaseIdentity } from '../../postgres/server/identity.ts';
import { UserError } from '../../screen/user-error.ts';
import { deferScrub } from '../../topology/embedded/undo.ts';
import type { RunPlace } from '../../topology/system/system.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { judgeRestore } from '../../verdict/restore.ts';
import { placeAt } from '../place.ts';
import type { Surroundings } from '../session.ts';
import { readSource, unreadDiagnostic } from '../source.ts';
import { version } from '../version.ts';

const KEY_BYTES = 16;

/** A restore drill that can be run. */
export interface RestoreRead {
  readonly restore: RestoreFile;
  readonly source: SourceFile;
}

export async function readRestore(
  file: string,
  { directory }: Pick<Surroundings, 'directory'>,
): Promise<{ readonly read: RestoreRead | null; readonly diagnostics: readonly Diagnostic[] }> {
  const source = await readSource(file, directory);
  if ('problem' in source) return { read: null, diagnostics: [unreadDiagnostic(source)] };
  const { restore, diagnostics } = parseRestore(source);
  return { read: restore === null ? null : { restore, source }, diagnostics };
}

/** Where restore drills keep what they found, in the folder of runs. */
export function restoresIn(runs: string): string {
  return join(runs, 'restores');
}

export interface RestoreDrill extends RestoreRead {
  /** The folder of runs. */
  readonly runs: string;
  readonly onStep: (title: string) => void;
  readonly onBegun: (place: RunPlace) => void;
}

interface Backup {
  readonly from: string;
  readonly format: BackupFormat;
  readonly bytes: number;
  readonly wal: string | null;
}

/** Rejects with an `EnvironmentError` for what the machine lacks; nothing is left then either. */
export async function runRestore(
  drill: RestoreDrill,
  session: Surroundings,
): Promise<{ readonly result: RestoreResult; readonly place: RunPlace }> {
  const { restore, source, runs, onBegun } = drill;
  const backup = findBackup(restore, session.directory);
  const restores = restoresIn(runs);
  const place = placeAt(restores, newRunId(restore.name, hostClock()));
  createRunDirectory(restores, place.id, false);
  writeFileSync(join(place.directory, 'restore.yaml'), source.bytes, { mode: 0o600 });
  onBegun(place);
  const undoLog = createUndoLog(runFile(place.directory, 'undo'));
  const clock = hostClock();
  const scope = new Scope(undoLog, clock, place.directory);
  const key = randomBytes(KEY_BYTES).toString('hex');
  const { id, scratch } = place;
  undoLog.append({ undo: 'owner', run: id, owner: thisRunner(), key, scratch });
  const work = async () => {
    await prepare({ scope, place, key, parts: {} });
    await deferProcesses({ scope, place, clock });
    return await inSandbox(drill, backup, { scope, place, clock, session });
  };
  const ended = await work().then(
    (facts) => ({ facts }),
    (error: unknown) => ({ error }),
  );
  const left = await scope.close(session.kill);
  undoLog.close();
  if ('error' in ended) throw left.length === 0 ? ended.error : unclean(left, ended.error);
  const { facts } = ended;
  writeJson(join(place.directory, 'facts.json'), facts);
  const judged = judgeRestore(restore, facts);
  const result: RestoreResult =
    left.length === 0 ? judged : { ...judged, verdict: worse(judged.verdict), left };
  writeJson(join(place.directory, 'result.json'), result);
  return { result, place };
}

function unclean(left: readonly string[], cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${why}; not cleaned up: ${left.join('; ')}`, {
    hint: 'drill clean',
    exitCode: EXIT.unclean,
  });
}

/** What is left behind takes nothing from a failure. */
function worse(verdict: RestoreResult['verdict']): RestoreResult['verdict'] {
  return verdict === 'fail' ? verdict : 'unclean';
}

interface Running {
  readonly scope: Scope;
  readonly place: RunPlace;
  readonly clock: ReturnType<typeof hostClock>;
  readonly session: Surroundings;
}

async function inSandbox(
  { restore, onStep }: RestoreDrill,
  { from, format, bytes, wal }: Backup,
  { scope, place, clock, session }: Running,
): Promise<RestoreFacts> {
  const identity = databaseIdentity();
  const { scratch, logs } = place;
  if (identity.isOther) chmodSync(scratch, 0o711);
  const below = join(scratch, 'sandbox');
  mkdirSync(below, { mode: 0o711 });
  const data = join(below, 'data');
  const view = join(below, 'wal');
  const at_ms = clock.wall();
  viewArchive(wal, view);
  const found = await restoreBackup({
    title: 'the restored server',
    file: restore,
    from,
    format,
    bytes,
    data,
    view,
    identity,
    clock,
    at_ms,
    onStep,
    sockets: join(below, 's'),
    environment: processEnvironment(session.environment, place.id),
    logFile: join(logs, 'postgres.log'),
    ready_ms: restore.deadline,
    signal: session.interrupt,
    deferScrub: (bin) => {
      const defer = scope.defer.bind(scope);
      return deferScrub({ defer, clock, place }, { data, bin });
    },
  });
  session.interrupt.throwIfAborted();
  const at = new Date(at_ms).toISOString();
  return { schema: 'drill.restore-facts/1', id: place.id, at, drill_version: version(), ...found };
}

function findBackup({ backup }: RestoreFile, directory: string): Backup {
  const from = folderOf(backup.path, directory, 'backup.path');
  const wal = backup.wal === undefined ? null : folderOf(backup.wal, directory, 'backup.wal');
  const packed = wal === null ? [] : packedSegments(wal);
  if (packed.length > 0) {
    throw new UserError(`backup.wal: ${packed[0]} is packed, and drill reads plain segments`, {
      hint: 'unpack the segments that the backup needs into a folder, and name that one',
    });
  }
  const found = formatOf(from);
  if ('problem' in found) {
    const expected = `expected what pg_basebackup wrote in ${from}`;
    throw new UserError(`backup.path: ${expected}, found ${found.problem}`);
  }
  return { from, format: found.format, bytes: bytesBelow(from), wal };
}

function folderOf(stated: string, directory: string, key: string): string {
  const path = resolve(directory, stated);
  const found = existsSync(path) ? 'something that is no folder' : 'nothing';
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`${key}: expected a folder at ${path}, found ${found}`);
  }
  return realpathSync(path);
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
