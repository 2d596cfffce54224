// A restore drill, from what was read to its result: a folder for what is found, a sandbox that is
// cleaned up whatever happens, the facts, and the judgement of them.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, newRunId } from '../../archive/run-directory.ts';
import { FACTS_FILE, RESTORE_FILE, restoresIn } from '../../archive/restores.ts';
import { parseRestore } from '../../drill/restore/parse.ts';
import type { RestoreFile } from '../../drill/restore/schema.ts';
import type { Diagnostic } from '../../drill/file/diagnostic.ts';
import type { SourceFile } from '../../drill/file/yaml-source.ts';
import { deferProcesses, prepare } from '../../engine/begin/begin.ts';
import { Scope } from '../../engine/frame/scope.ts';
import type {
  RestoreFacts,
  RestoreFinding,
  RestoreResult,
} from '../../evidence/backup/restore-form.ts';
import { runFile } from '../../evidence/run-files.ts';
import { createUndoLog } from '../../evidence/undo.ts';
import { hostClock, type Clock } from '../../host/clock.ts';
import { processEnvironment } from '../../host/process/environment.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import { thisRunner } from '../../host/process/runner.ts';
import { restoreBackup } from '../../postgres/sandbox/restore-backup.ts';
import { nothingRestored, type Found, type Seeing } from '../../postgres/sandbox/restoring.ts';
import { loadDump } from '../../postgres/sandbox/dump/load.ts';
import { openDump, type Dump } from '../../postgres/sandbox/dump/open.ts';
import { openBackup } from '../../postgres/sandbox/source/open.ts';
import type { BackupSource } from '../../postgres/sandbox/source/source.ts';
import { databaseIdentity, type Identity } from '../../postgres/server/identity.ts';
import { UserError } from '../../screen/user-error.ts';
import { deferScrub } from '../../topology/embedded/undo.ts';
import type { RunPlace } from '../../topology/system/system.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { judgeRestore } from '../../verdict/restore.ts';
import { placeAt } from '../place.ts';
import type { Surroundings } from '../session.ts';
import { readSource, unreadDiagnostic } from '../source.ts';
import { version } from '../version.ts';
import { writeRestore } from './judge-restore.ts';

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

export interface RestoreDrill extends RestoreRead {
  /** The folder of runs. */
  readonly runs: string;
  readonly onStep: (title: string) => void;
  readonly onBegun: (place: RunPlace) => void;
}

/** Rejects with an `EnvironmentError` for what the machine lacks; nothing is left then either. */
export async function runRestore(
  drill: RestoreDrill,
  session: Surroundings,
): Promise<{ readonly result: RestoreResult; readonly place: RunPlace }> {
  const { restore, source, runs, onBegun } = drill;
  const restores = restoresIn(runs);
  const place = placeAt(restores, newRunId(restore.name, hostClock()));
  const environment = processEnvironment(session.environment, place.id);
  const identity = databaseIdentity();
  const { directory, interrupt: signal } = session;
  const opening = { directory, environment, variables: session.environment, identity, signal };
  const { backup } = restore;
  const opened = await (backup.kind === 'pg_dump'
    ? openDump(backup, restore.database, opening)
    : openBackup(backup, opening));
  createRunDirectory(restores, place.id, false);
  writeFileSync(join(place.directory, RESTORE_FILE), source.bytes, { mode: 0o600 });
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
    return await inSandbox(drill, opened, { scope, place, clock, identity, environment, signal });
  };
  const ended = await work().then(
    (facts) => ({ facts }),
    (error: unknown) => ({ error }),
  );
  const left = await scope.close(session.kill);
  undoLog.close();
  if ('error' in ended) throw left.length === 0 ? ended.error : unclean(left, ended.error);
  const facts: RestoreFacts = { ...ended.facts, left };
  write(join(place.directory, FACTS_FILE), writeRestore(facts));
  const result = judgeRestore(restore, facts);
  write(runFile(place.directory, 'result'), writeRestore(result));
  return { result, place };
}

function unclean(left: readonly string[], cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${why}; not cleaned up: ${left.join('; ')}`, {
    hint: 'drill clean',
    exitCode: EXIT.unclean,
  });
}

interface Running {
  readonly scope: Scope;
  readonly place: RunPlace;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly environment: ProcessEnvironment;
  readonly signal: AbortSignal;
}

async function inSandbox(
  { restore, onStep }: RestoreDrill,
  opened: BackupSource | Dump | RestoreFinding,
  { scope, place, clock, identity, environment, signal }: Running,
): Promise<RestoreFacts> {
  const { scratch, logs } = place;
  if (identity.isOther) chmodSync(scratch, 0o711);
  const below = join(scratch, 'sandbox');
  mkdirSync(below, { mode: 0o711 });
  const data = join(below, 'data');
  const at_ms = clock.wall();
  const seeing: Seeing = {
    title: 'the restored server',
    file: restore,
    data,
    identity,
    clock,
    at_ms,
    onStep,
    sockets: join(below, 's'),
    environment,
    logFile: join(logs, 'postgres.log'),
    ready_ms: restore.deadline,
    signal,
    deferScrub: (bin) => {
      const defer = scope.defer.bind(scope);
      return deferScrub({ defer, clock, place }, { data, bin });
    },
  };
  const found = await restoreOpened(opened, seeing, join(below, 'wal'));
  signal.throwIfAborted();
  const at = new Date(at_ms).toISOString();
  return { schema: 'drill.restore-facts/1', id: place.id, at, drill_version: version(), ...found };
}

async function restoreOpened(
  opened: BackupSource | Dump | RestoreFinding,
  seeing: Seeing,
  view: string,
): Promise<Found> {
  if ('code' in opened) return nothingRestored([opened]);
  if ('program' in opened) return await loadDump({ ...seeing, dump: opened });
  return await restoreBackup({ ...seeing, source: opened, view: opened.view(view) });
}

function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
