// A system that is up (`drill up`, `--keep`), drilled again: which one is meant, whether it is the
// one that the drill files describe, and the claim on it while it is drilled.
import { basename, dirname } from 'node:path';
import { findSystem, isUp } from '../archive/run-list.ts';
import { requireHealth } from '../doctor/examine.ts';
import { doctorChecks } from '../doctor/machine.ts';
import { AUTO } from '../drill/file/runtimes.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../drill/plan/strategies.ts';
import { systemDifferences } from '../drill/plan/system-differences.ts';
import { claimSystem, noteDrill } from '../evidence/claims.ts';
import { logProblem, proveRun } from '../engine/clean/proof.ts';
import { readPlan, runFile } from '../evidence/run-files.ts';
import { readUndoLog } from '../evidence/undo.ts';
import { hostClock } from '../host/clock.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { commandName } from '../screen/command-name.ts';
import { UserError } from '../screen/user-error.ts';
import { readKeptSystem, type KeptSystem } from '../topology/kept-system.ts';
import { runtimes } from '../topology/runtimes.ts';
import type { SystemMaker } from '../topology/system/system.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { DrillRead } from './read.ts';
import type { Surroundings } from './session.ts';
import { descriptorsOf, type SystemSource } from './runtime-of.ts';

/** A system that is up, as a run wants it. */
export interface Against {
  readonly kept: KeptSystem;
  readonly directory: string;
}

/**
 * The system of the run that `wanted` names, among those in the directory `runs`. Throws where
 * there is no such system, or not the one that the drills are for.
 */
export function findKept(
  wanted: string,
  drills: readonly DrillRead[],
  { runs, directory: here, environment }: { readonly runs: string } & Place,
): Against {
  const directory = findSystem(runs, wanted, here);
  if (!isUp(directory)) {
    throw new UserError(`the system of run ${basename(directory)} is not up`, {
      hint: `${commandName(environment)} up FILE, then drill that one`,
      exitCode: EXIT.environment,
    });
  }
  const kept = readKeptSystem(directory);
  requireProven(kept, directory);
  for (const drill of drills) {
    requireSame(drill, { kept, directory });
    requireDrillable(drill.plan);
  }
  return { kept, directory };
}

type Place = Pick<Surroundings, 'directory' | 'environment'>;

/**
 * Processes and addresses in the folder of a run are obeyed where that folder is this user's, and
 * where what the run has outside of it says so too. Throws an `EnvironmentError`.
 */
function requireProven(kept: KeptSystem, directory: string): void {
  const refuse = (found: string) =>
    new EnvironmentError({
      what: `the system in ${directory}`,
      expected: 'one that this user brought up on this machine',
      found,
      hint: 'drill up FILE, then drill that one',
    });
  if (logProblem(directory) === 'foreign') throw refuse('that it belongs to another user');
  const { owner } = readUndoLog(runFile(directory, 'undo'));
  if (owner === null) throw refuse('an undo log whose first line is damaged');
  if (owner.run !== kept.run) throw refuse(`a description of the system of run ${kept.run}`);
  const proven = proveRun(directory, owner);
  if ('refused' in proven) throw refuse(proven.refused);
}

/** Throws a `UserError` for what needs the passwords of the run that made the system. */
function requireDrillable({ name, failback, recover }: Plan): void {
  const what = failback ? 'a failback' : recover.with === 'switch-over' ? 'a switch-over' : null;
  if (what === null) return;
  throw new UserError(`${name}: ${what} rebuilds a database, and --against cannot do that yet`, {
    hint: failback ? '--set failback=false' : 'run it without --against',
  });
}

function requireSame({ plan, drill }: DrillRead, { kept, directory }: Against): void {
  const differences = systemDifferences(plan, readPlan(directory)).map(
    ({ key, wanted, found }) => `  ${key}: the drill asks for ${wanted}, the system has ${found}`,
  );
  if (drill.runtime !== AUTO && drill.runtime !== kept.runtime) {
    differences.unshift(`  runtime: the drill asks for ${drill.runtime}, it is ${kept.runtime}`);
  }
  if (differences.length === 0) return;
  throw new UserError(
    `${plan.name} is not for the system of run ${kept.run}:\n${differences.join('\n')}`,
    { hint: 'drill down and up with this file, or run it without --against' },
  );
}

/**
 * Throws a `UserError` for a system that a later run could not take over. `keepSource` is what asks
 * a run to keep it up; null: the verb is for that.
 */
export function requireStayable(
  { name, strategy }: Pick<Plan, 'name' | 'strategy'>,
  keepSource: string | null,
): void {
  if (STRATEGY_FACTS[strategy].database === 'standby') return;
  const what = `${name}: a system with the strategy ${strategy} cannot be left up yet`;
  if (keepSource !== null) {
    throw new UserError(`${what} (asked for by ${keepSource})`, { hint: '--keep never' });
  }
  throw new UserError(what, { hint: 'drill run brings it up, drills it and brings it down' });
}

/**
 * The runtime of a run on it: it claims the system before it looks at it. The claim is the run's
 * until `release`.
 */
export function runtimeAgainst(
  { kept, directory }: Against,
  plan: Plan,
  environment: Surroundings['environment'],
): SystemSource {
  const place = { kept, directory, plan: readPlan(directory) };
  let release = () => {};
  const runtime: SystemMaker = {
    up: async (context) => {
      const by = context.place.id;
      context.emit('system.claimed', { run: kept.run });
      const claimed = claimSystem(directory, `run ${by}`);
      if ('taken' in claimed) throw taken(kept.run, claimed.taken);
      release = claimed.release;
      if (!isUp(directory)) throw taken(kept.run, null); // brought down a moment ago
      const system = await runtimes[kept.runtime].reuse(place, context, environment);
      noteDrill(directory, { run: by, drill: plan.name });
      return system;
    },
  };
  // The system is there: what it took to bring it up is not needed any more, the machine is.
  const preflight = async () => {
    const needs = {
      runtime: kept.runtime,
      redis: plan.redis !== null,
      descriptors: descriptorsOf(plan, kept.runtime),
    };
    const runs = dirname(directory);
    await requireHealth(await doctorChecks([]), { environment, clock: hostClock(), runs, needs });
  };
  return { runtime, preflight, release: () => release() };
}

function taken(
  run: string,
  by: { readonly by: string; readonly owner: { readonly pid: number } } | null,
): EnvironmentError {
  const found =
    by === null ? 'that it was brought down' : `${by.by} (process ${by.owner.pid}) at work`;
  return new EnvironmentError({
    what: `the system of run ${run}`,
    expected: 'that nobody else works on it',
    found,
    hint: by === null ? 'drill up FILE' : 'wait until that has ended',
  });
}
