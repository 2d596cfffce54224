// What a run's system is: regions of its own, or (kept.ts) one that is up already.
import { runsDirectory } from '../archive/run-directory.ts';
import { markedEnvironment } from '../host/process/processes.ts';
import type { RunPlace, SystemMaker } from '../topology/system/system.ts';
import { preflightOf } from './needs.ts';
import type { DrillRead } from './read.ts';
import { runtimeOf, runtimeOptions } from './runtime-of.ts';
import type { Surroundings } from './session.ts';

/** Where the system of a run comes from. */
export interface SystemSource {
  readonly runtime: SystemMaker;
  /** Rejects where the machine lacks what the run needs. */
  readonly preflight: () => Promise<void>;
  /** Called after the run, however it ended. */
  readonly release: () => void;
}

/** Regions of the run's own, made by the runtime that the drill names. */
export function newRegions(
  drill: DrillRead,
  { id }: Pick<RunPlace, 'id'>,
  surroundings: Surroundings,
): SystemSource {
  const environment = markedEnvironment(surroundings.environment, id);
  const runs = runsDirectory(surroundings.directory, drill.settings.out);
  return {
    runtime: runtimeOf(drill, { environment, directory: surroundings.directory }),
    preflight: preflightOf(drill, runs, runtimeOptions(drill.settings, surroundings)),
    release: () => {},
  };
}
