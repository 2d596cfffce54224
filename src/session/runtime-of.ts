// The runtime of a drill, as the drill file, the configuration file or the flag names it: what its
// functions are given, what it needs of the machine, and the regions that it makes for a run.
import { runsDirectory } from '../archive/run-directory.ts';
import { requireHealth } from '../doctor/examine.ts';
import { doctorChecks } from '../doctor/machine.ts';
import { lookUp } from '../drill/file/layers.ts';
import { runtimeNamed, RUNTIMES, type RuntimeName } from '../drill/file/runtimes.ts';
import { dataRoom } from '../drill/plan/data.ts';
import { IN_FLIGHT_MAX } from '../drill/plan/limits.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { RunSettings } from '../drill/file/settings.ts';
import { hostClock } from '../host/clock.ts';
import { markedEnvironment } from '../host/process/environment.ts';
import type { Needs } from '../topology/machine-check.ts';
import type { RuntimeOptions } from '../topology/runtime.ts';
import { roomInFlight } from '../workload/schedule.ts';
import { runtimes, systemMaker } from '../topology/runtimes.ts';
import type { RunPlace, SystemMaker } from '../topology/system/system.ts';
import type { DrillRead } from './read.ts';
import type { Surroundings } from './session.ts';

/** Files, programs and connections of a process beside those of clients. */
const OWN_DESCRIPTORS = 128;
/** A stock drill needs no more. */
const USUAL_DESCRIPTORS = 1024;

/** Where the system of a run comes from. */
export interface SystemSource {
  readonly runtime: SystemMaker;
  /** Rejects where the machine lacks what the run needs. */
  readonly preflight: () => Promise<void>;
  /** Called after the run, however it ended. */
  readonly release: () => void;
}

type Place = Pick<Surroundings, 'environment' | 'directory'>;

/** Rejects where the machine lacks what the drill needs. */
export async function requireMachine(
  { drill, plan, settings }: DrillRead,
  place: Place,
): Promise<void> {
  await requireNeeds(needsOf(drill, plan), settings, place);
}

/** Rejects where the machine lacks what the runtime needs for any drill. */
export async function requireRuntime(
  runtime: RuntimeName,
  settings: RunSettings,
  place: Place,
): Promise<void> {
  await requireNeeds(needsOf({ runtime }, null), settings, place);
}

async function requireNeeds(needs: Needs, settings: RunSettings, place: Place): Promise<void> {
  const { directory } = place;
  const options = runtimeOptions(settings, place);
  const known = runtimes[needs.runtime].environmentOf(options);
  const runs = runsDirectory(directory, settings.out);
  const checks = await doctorChecks([needs.runtime]);
  await requireHealth(checks, { environment: known, clock: hostClock(), runs, needs });
}

/** Regions of the run's own, made by the runtime that the drill names. */
export function newRegions(
  drill: DrillRead,
  { id }: Pick<RunPlace, 'id'>,
  { environment, directory }: Surroundings,
): SystemSource {
  const options = runtimeOptions(drill.settings, { environment, directory });
  const marked = { ...options, environment: markedEnvironment(environment, id) };
  return {
    runtime: systemMaker(needsOf(drill.drill, drill.plan).runtime, marked),
    preflight: async () => await requireMachine(drill, { environment, directory }),
    release: () => {},
  };
}

/**
 * What a drill needs of the machine. `stated` is a drill, or as much of one as was said; `plan` is
 * null where that is not enough.
 */
export function needsOf(stated: unknown, plan: Plan | null): Needs {
  const runtime = runtimeNamed(lookUp(stated, ['runtime']).value);
  const redis = lookUp(stated, ['topology', 'redis']).value !== undefined;
  const descriptors = plan === null ? USUAL_DESCRIPTORS : descriptorsOf(plan, runtime);
  const room = plan === null ? null : dataRoom(plan);
  const data = room === null ? null : { ...room, bytes: plan!.data_bytes! };
  return { runtime, redis, descriptors, data };
}

/**
 * Most are the proxy server's: both ends of each connection of a client, and in a partition all
 * that may be under way stay open. In a container it has limits of its own.
 */
export function descriptorsOf({ workload, redis }: Plan, runtime: RuntimeName): number {
  const room = Math.min(roomInFlight(workload), IN_FLIGHT_MAX[workload.via]);
  const connections = room * (redis === null ? 1 : 2);
  return OWN_DESCRIPTORS + RUNTIMES[runtime].endsHere * connections;
}

export function runtimeOptions(
  settings: RunSettings,
  { environment, directory }: Pick<Surroundings, 'environment' | 'directory'>,
): RuntimeOptions {
  return { environment, settings: settings.runtimes, directory };
}

/** Rejects with what a user has to change in files besides the drill file. */
export async function checkRuntimeFiles(
  runtime: unknown,
  settings: RunSettings,
  place: Pick<Surroundings, 'environment' | 'directory'>,
): Promise<void> {
  await runtimes[runtimeNamed(runtime)].checkFiles(runtimeOptions(settings, place));
}
