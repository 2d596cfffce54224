// One run of a plan, from an empty place to a result: the phases in order, and the clean-up
// whatever happens.
import { writeFileSync } from 'node:fs';
import { assess, writeResult } from '../verdict/assess.ts';
import { readEvidence, runFile } from '../evidence/run-files.ts';
import type { RunEvent } from '../evidence/event.ts';
import { hostClock, hostNow } from '../host/clock.ts';
import { diskError } from '../host/disk-error.ts';
import type { RunPlace } from '../topology/system.ts';
import type { Result } from '../verdict/result.ts';
import type { Keep } from '../drill/file/settings.ts';
import { beginRecord, type Inputs } from './begin/begin.ts';
import { Interruption, type Parts, type RunContext } from './frame/context.ts';
import { watchTheRunner } from './frame/heartbeat.ts';
import { Stages } from './frame/stages.ts';
import { cleanUp } from './clean-up.ts';
import { drillTheSystem, type Progress } from './steps.ts';
import { reportFailure } from './frame/failure.ts';
import { openRecorder, type Recorder } from './frame/recorder.ts';
import { Scope } from './frame/scope.ts';

export interface RunOptions extends Inputs {
  readonly parts: Parts;
  /** For every process of the run; it carries the run's mark. */
  readonly environment: Record<string, string>;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborts to stop early and clean up. */
  readonly interrupt: AbortSignal;
  /** Aborts to stop even the clean-up. */
  readonly kill: AbortSignal;
  readonly keep: Keep;
  /** The run is stopped after so long; null: only its own budgets stop it. */
  readonly limit_ms: number | null;
  readonly askForEnter: RunContext['askForEnter'];
}

/**
 * Runs the plan and resolves to the result, which `result.json` in the run directory holds too. It
 * rejects only where not even the evidence could be written.
 */
export async function runDrill(options: RunOptions): Promise<Result> {
  const { plan, place, parts, askForEnter, environment } = options;
  const origin_ms = hostNow();
  const clock = hostClock(origin_ms);
  const recorder = openRecorder(place, clock, options.onEvent);
  const ended = new AbortController();
  const failed = new AbortController();
  const stopped = AbortSignal.any([
    ...[stopSignal(options, ended.signal), recorder.broken, failed.signal],
  ]);
  const scope = new Scope(recorder.undoLog, clock);
  const { emit } = recorder;
  const run: RunContext = {
    ...{ plan, place, parts, clock, origin_ms, emit, scope, askForEnter, environment },
    ...{ signal: stopped, kill: options.kill, fail: (error) => failed.abort(error) },
  };
  const stages = new Stages(run);
  const progress: Progress = {
    system: null,
    load: null,
    faults: null,
    disaster: null,
    isVerifiable: false,
    isRecovered: false,
  };
  beginRecord(options, recorder, { origin_ms, wall_ms: clock.wall() });
  const onStop = () => reportFailure(run, stopped.reason);
  if (stopped.aborted) onStop();
  else stopped.addEventListener('abort', onStop, { once: true, signal: ended.signal });
  const watching = watchTheRunner(clock, emit, ended.signal);
  try {
    await drillTheSystem(run, stages, progress);
  } catch (error) {
    if (!stopped.aborted) reportFailure(run, error);
  }
  await cleanUp(run, stages, progress, options);
  ended.abort();
  await watching;
  emit('run.finished', { wall_ms: clock.now() });
  return conclude(place, recorder);
}

/** The result comes from the files alone, exactly as `drill judge` computes it. */
function conclude(place: RunPlace, recorder: Recorder): Result {
  recorder.close();
  const evidence = readEvidence(place.directory);
  const result = assess({ ...evidence, events: [...evidence.events, ...recorder.unwritten] });
  const file = runFile(place.directory, 'result');
  try {
    writeFileSync(file, writeResult(result));
  } catch (error) {
    throw diskError(error, `writing ${file}`) ?? error;
  }
  return result;
}

function stopSignal(options: RunOptions, ended: AbortSignal): AbortSignal {
  const { interrupt, limit_ms } = options;
  if (limit_ms === null) return interrupt;
  const limit = new AbortController();
  const reason = new Interruption('limit', `the run took longer than --timeout ${limit_ms} ms`);
  hostClock()
    .sleep(limit_ms, ended)
    .then(
      () => limit.abort(reason),
      () => {},
    );
  return AbortSignal.any([interrupt, limit.signal]);
}
