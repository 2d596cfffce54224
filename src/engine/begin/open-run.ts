// What every run has, whatever it is for: a clock, a journal, an undo log, a scope, and the signals
// that stop it.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { sha256 } from '../../host/sha256.ts';
import { writeDuration } from '../../base/units.ts';
import type { ChosenBaseline } from '../../drill/baseline.ts';
import { boundedDisks } from '../../drill/plan/bounded-disks.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { JOURNAL_FORMAT, type RunEvent } from '../../evidence/event.ts';
import { runFile, sealEvidence } from '../../evidence/run-files.ts';
import { abortAfter, hostClock, hostNow, type Clock } from '../../host/clock.ts';
import { machineError } from '../../host/machine/machine-error.ts';
import { machineFacts } from '../../host/machine/machine-facts.ts';
import { thisRunner } from '../../host/process/runner.ts';
import type { RunPlace } from '../../topology/system/system.ts';
import { Interruption, type Parts, type RunContext } from '../frame/context.ts';
import { reportFailure } from '../frame/failure.ts';
import { watchTheRunner } from '../frame/heartbeat.ts';
import { watchTheDisks, withLastWords } from '../frame/machine-watch.ts';
import { openRecorder } from '../frame/recorder.ts';
import { Scope } from '../frame/scope.ts';

const KEY_BYTES = 16;

export interface OpenOptions {
  readonly plan: Plan;
  /** The drill file as it was read, kept with the evidence. */
  readonly text: Uint8Array;
  readonly place: RunPlace;
  readonly version: string;
  readonly parts: Parts;
  /** For every process of the run; it carries the run's mark. */
  readonly environment: Record<string, string>;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborts to stop early and clean up. */
  readonly interrupt: AbortSignal;
  /** Aborts to stop even the clean-up. */
  readonly kill: AbortSignal;
  /** The run is stopped after so long; null: only its own budgets stop it. */
  readonly limit_ms: number | null;
  readonly operator: RunContext['operator'];
  /** The past that the run is held against; left out: none. */
  readonly baseline?: ChosenBaseline | undefined;
  /** Its zero is the origin of the run; left out: the host's, from now on. */
  readonly clock?: Clock;
}

/** What is written and read there. */
export function filesOfRun({ directory }: Pick<RunPlace, 'directory'>): string {
  return `the files of the run in ${directory}`;
}

/** Nothing of the run is recorded after `close`, but for the last word of its result. */
export function openRun(options: OpenOptions): ReturnType<typeof opened> {
  try {
    return opened(options);
  } catch (error) {
    throw machineError(error, filesOfRun(options.place)) ?? error;
  }
}

function opened(options: OpenOptions) {
  const { plan, place, parts, operator, environment, kill, version } = options;
  const origin_ms = hostNow();
  const { clock = hostClock(origin_ms) } = options;
  const recorder = openRecorder(place, clock, options.onEvent);
  const { undoLog, broken } = recorder;
  const ended = new AbortController();
  const failed = new AbortController();
  const fail = (error: Error) => failed.abort(error);
  const emit = withLastWords(recorder.emit, place.logs, fail, boundedDisks(plan));
  const signal = AbortSignal.any([stopSignal(options, clock, ended.signal), broken, failed.signal]);
  const key = randomBytes(KEY_BYTES).toString('hex');
  const run: RunContext = {
    plan,
    place,
    key,
    parts,
    clock,
    origin_ms,
    emit,
    environment,
    signal,
    kill,
    operator,
    scope: new Scope(undoLog, clock, place.directory),
    fail,
  };
  const { id, scratch } = place;
  undoLog.append({ undo: 'owner', run: id, owner: thisRunner(), key, scratch });
  const drill_sha256 = writeSealed(runFile(place.directory, 'drill'), options.text);
  const written = Buffer.from(`${JSON.stringify(plan, null, 2)}\n`);
  const plan_sha256 = writeSealed(runFile(place.directory, 'plan'), written);
  const at = new Date(clock.wall()).toISOString();
  const files = { plan_sha256, drill_sha256 };
  const own = { id, name: plan.name, at, origin_ms, drill_version: version };
  const format = { schema: JOURNAL_FORMAT } as const;
  emit('run.started', { ...format, ...own, ...files });
  emit('machine.described', machineFacts(clock.wall()));
  if (options.baseline !== undefined) emit('baseline.chosen', options.baseline);
  const onStop = () => reportFailure(run, signal.reason);
  if (signal.aborted) onStop();
  else signal.addEventListener('abort', onStop, { once: true, signal: ended.signal });
  const places = {
    'the disk of the evidence': place.directory,
    'the disk of TMPDIR': place.scratch,
  };
  const watching = Promise.all([
    watchTheRunner(clock, emit, ended.signal),
    watchTheDisks({ clock, places, fail, signal: ended.signal }),
  ]);
  const close = async () => {
    ended.abort();
    await watching;
    emit('evidence.closed', { files: sealEvidence(place.directory) });
    emit('run.finished', { wall_ms: clock.now() });
    recorder.stop();
  };
  return { run, recorder, close };
}

/** Resolves to the hash of what was written. */
function writeSealed(file: string, bytes: Uint8Array): string {
  writeFileSync(file, bytes, { mode: 0o600 });
  return sha256(bytes);
}

/** The shorter of what was asked for on the command line and in the drill file. */
function stopSignal(
  { interrupt, limit_ms, plan: { max_duration_ms } }: OpenOptions,
  clock: Clock,
  ended: AbortSignal,
): AbortSignal {
  const limits = [
    { what: '--timeout', ms: limit_ms ?? Infinity },
    { what: 'max_duration', ms: max_duration_ms ?? Infinity },
  ];
  const { what, ms } = limits.reduce((one, other) => (other.ms < one.ms ? other : one));
  if (ms === Infinity) return interrupt;
  const reason = new Interruption('limit', `it took longer than ${what} ${writeDuration(ms)}`);
  return AbortSignal.any([interrupt, abortAfter(clock, ms, reason, ended)]);
}
