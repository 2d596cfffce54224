// One run of a plan, from an empty place to a result: all its phases in their order, each with what
// it needs of those before it. `heal` and `down` happen whatever went wrong.
import { writeFileSync } from 'node:fs';
import { sha256 } from '../host/sha256.ts';
import { isOfOperators, type PlannedFault } from '../drill/fault/registry.ts';
import type { Keep } from '../drill/file/settings.ts';
import { readEvidence, runFile } from '../evidence/run-files.ts';
import { machineError } from '../host/machine/machine-error.ts';
import { assess, writeResult } from '../verdict/assess.ts';
import type { Result } from '../verdict/result.ts';
import { bringUpRegions, deferProcesses, prepare } from './begin/begin.ts';
import { filesOfRun, openRun, type OpenOptions } from './begin/open-run.ts';
import { bringDown, heal } from './end.ts';
import { failBack } from './failback/fail-back.ts';
import { Faults } from './faults/faults.ts';
import { folderGone } from './frame/folder-gone.ts';
import type { Recorder } from './frame/recorder.ts';
import { watchPrograms, type StandstillWatch } from './frame/standstill.ts';
import { carryOut, tasksOver, type Task } from './frame/tasks.ts';
import { guardRun, whileGuarded } from './load/guard.ts';
import { Load } from './load/load.ts';
import { holdSteady, warmUp, type SteadyState } from './load/steady.ts';
import { stopWhen } from './load/stop-when.ts';
import { recover } from './recovery/recover.ts';
import { Recovery } from './recovery/recovery.ts';
import { verify } from './verification/verify.ts';
import type { RunPlace, System } from '../topology/system/system.ts';

export interface RunOptions extends OpenOptions {
  readonly keep: Keep;
}

/** What is known of a run, from the end of the task that found it out. */
export interface Facts {
  readonly prepared: true;
  readonly system: System;
  readonly load: Load;
  readonly faults: Faults;
  readonly recovery: Recovery;
  readonly standstill: StandstillWatch;
  readonly seededRows: number;
  readonly warm: true;
  /** The steady state was proved, and faults may follow. */
  readonly steady: SteadyState;
  readonly disaster_ms: number;
  /** The faults had their time: counting makes sense. */
  readonly recovered: 'every step' | 'not every step';
  /** The lost region is to serve again. */
  readonly returns: true;
}

/**
 * Runs the plan and resolves to the result, which `result.json` in the run directory holds too. It
 * rejects only where not even the evidence could be written.
 */
export async function runDrill(options: RunOptions, tasks = drillTasks): Promise<Result> {
  const { run, recorder, close } = openRun(options);
  await carryOut(run, tasks(options.keep, run.signal));
  return await conclude(options.place, recorder, close);
}

/** `stopped` aborts when the run is stopped. */
export function drillTasks(keep: Keep, stopped: AbortSignal): readonly Task<Facts>[] {
  const { task, always } = tasksOver<Facts>();
  return [
    task('prepare', [], prepare),
    task('up', ['prepared'], async (run) => {
      let load: Load | null = null;
      await deferProcesses(run, async () => load?.close());
      load = new Load(run);
      const system = await bringUpRegions(run);
      const clients = load.programs();
      const standstill = watchPrograms(run, () => [...system.programs(), ...clients]);
      const recovery = new Recovery(run, system);
      const faults = new Faults(system, recovery);
      return { system, load, faults, recovery, standstill };
    }),
    task('seed', ['system', 'load'], async (_, { system, load }) => {
      await load.open(system);
      return { seededRows: await load.seed() };
    }),
    task('warm-up', ['system', 'load', 'faults', 'seededRows'], async (run, facts) => {
      const { system, load, faults } = facts;
      guardRun(run, system, faults);
      const first = run.plan.faults.filter(({ beforehand }) => beforehand);
      await faults.injectAll(run, first, run.clock.now(), load.vitals);
      await warmUp(run, load);
      return { warm: true };
    }),
    task('steady', ['system', 'load', 'warm'], async (run, { system, load }) => {
      const steady = await holdSteady(run, system, load);
      return steady.isProved ? { steady } : {};
    }),
    {
      ...task('fault', ['faults', 'load', 'steady'], async (run, { faults, load, steady }) => {
        // The disaster is the last of them (`drill check` sees to it).
        const later = run.plan.faults.filter(({ beforehand, kind }) => {
          return !beforehand && !isOfOperators(kind); // those come in the recovery
        });
        stopWhen(run, load.vitals);
        await faults.open.lookAtAll(run); // what was there beforehand must have lasted
        const start_ms = startOf(later, steady, run.clock.now());
        await faults.injectAll(run, later, start_ms, load.vitals);
        const { disaster_ms } = faults;
        return disaster_ms === null ? {} : { disaster_ms };
      }),
      hold: 'the fault',
    },
    task(
      'recover',
      ['system', 'faults', 'recovery', 'steady', 'disaster_ms'],
      async (run, facts) => {
        const isDone = await recover(run, facts.system, facts);
        await facts.faults.proved();
        if (!isDone) return { recovered: 'not every step' };
        const recovered = 'every step';
        return run.plan.failback ? { recovered, returns: true } : { recovered };
      },
    ),
    always('heal', async (run, facts) => await heal(run, facts, stopped)),
    task('verify', ['system', 'load', 'recovered'], async (run, { system, load }) => {
      await verify(run, system, load);
      return {};
    }),
    task('failback', ['system', 'load', 'faults', 'returns'], async (run, facts) => {
      const { system, load, faults } = facts;
      await whileGuarded(run, system, faults, () => failBack(run, system, load));
      return {};
    }),
    always('down', async (run, facts) => await bringDown(run, facts, { keep, stopped })),
  ];
}

/**
 * Faults count from the end of the steady state; where the check before them took longer than the
 * first has time, all come so much later, as far from each other as the file says.
 */
function startOf(faults: readonly PlannedFault[], { to_ms }: SteadyState, now_ms: number): number {
  return Math.max(to_ms, now_ms - Math.min(...faults.map(({ at_ms }) => at_ms)));
}

/** The result comes from the files alone, exactly as `drill judge` computes it. */
async function conclude(
  place: RunPlace,
  recorder: Recorder,
  close: () => Promise<void>,
): Promise<Result> {
  let written: string | null = null;
  try {
    await close();
    const evidence = readEvidence(place.directory);
    const result = assess({ ...evidence, events: [...evidence.events, ...recorder.unwritten] });
    const text = writeResult(result);
    writeFileSync(runFile(place.directory, 'result'), text, { mode: 0o600 });
    written = sha256(text);
    return result;
  } catch (error) {
    throw machineError(error, filesOfRun(place)) ?? folderGone(error, place) ?? error;
  } finally {
    recorder.close(written);
  }
}
