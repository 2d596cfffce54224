// What every run has, whatever it is for: a clock, a journal, an undo log, a scope, and the signals
// that stop it.
import type { RunEvent } from '../../evidence/event.ts';
import { hostClock, hostNow, type Clock } from '../../host/clock.ts';
import { Interruption, type Parts, type RunContext } from '../frame/context.ts';
import { reportFailure } from '../frame/failure.ts';
import { watchTheRunner } from '../frame/heartbeat.ts';
import { openRecorder, type Recorder } from '../frame/recorder.ts';
import { Scope } from '../frame/scope.ts';
import { beginRecord, type Inputs } from './begin.ts';

export interface OpenOptions extends Inputs {
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
  readonly askForEnter: RunContext['askForEnter'];
  /** Its zero is the origin of the run; left out: the host's, from now on. */
  readonly clock?: Clock;
}

interface OpenedRun {
  readonly run: RunContext;
  readonly recorder: Recorder;
  /** Ends the journal; nothing of the run is recorded after it. */
  readonly close: () => Promise<void>;
}

export function openRun(options: OpenOptions): OpenedRun {
  const { plan, place, parts, askForEnter, environment, kill } = options;
  const origin_ms = hostNow();
  const { clock = hostClock(origin_ms) } = options;
  const recorder = openRecorder(place, clock, options.onEvent);
  const { emit, undoLog, broken } = recorder;
  const ended = new AbortController();
  const failed = new AbortController();
  const signal = AbortSignal.any([stopSignal(options, clock, ended.signal), broken, failed.signal]);
  const run: RunContext = {
    plan,
    place,
    parts,
    clock,
    origin_ms,
    emit,
    environment,
    signal,
    kill,
    askForEnter,
    scope: new Scope(undoLog, clock),
    fail: (error) => failed.abort(error),
  };
  beginRecord(options, recorder, { origin_ms, wall_ms: clock.wall() });
  const onStop = () => reportFailure(run, signal.reason);
  if (signal.aborted) onStop();
  else signal.addEventListener('abort', onStop, { once: true, signal: ended.signal });
  const watching = watchTheRunner(clock, emit, ended.signal);
  const close = async () => {
    ended.abort();
    await watching;
    emit('run.finished', { wall_ms: clock.now() });
    recorder.close();
  };
  return { run, recorder, close };
}

function stopSignal(
  { interrupt, limit_ms }: Pick<OpenOptions, 'interrupt' | 'limit_ms'>,
  clock: Clock,
  ended: AbortSignal,
): AbortSignal {
  if (limit_ms === null) return interrupt;
  const limit = new AbortController();
  const reason = new Interruption('limit', `the run took longer than --timeout ${limit_ms} ms`);
  clock.sleep(limit_ms, ended).then(
    () => limit.abort(reason),
    () => {},
  );
  return AbortSignal.any([interrupt, limit.signal]);
}
