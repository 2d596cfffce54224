// Brings a plan's system up and leaves it running; whatever goes wrong half-way, nothing stays.
import { writeFileSync } from 'node:fs';
import type { KeptNode, RunEvent } from '../evidence/event.ts';
import { runFile } from '../evidence/run-files.ts';
import type { Plan } from '../drill/plan.ts';
import { hostClock, hostNow } from '../host/clock.ts';
import { removeTree } from '../host/files.ts';
import { endRunProcesses, ownProcess } from '../host/processes.ts';
import type { Runtime, RunPlace, System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import { reportFailure } from './failure.ts';
import { openRecorder } from './recorder.ts';
import { Scope } from './scope.ts';
import { makeScratch } from './scratch.ts';
import { Stages } from './stages.ts';

export interface UpOptions {
  readonly plan: Plan;
  /** The drill file as it was read. */
  readonly text: Uint8Array;
  readonly place: RunPlace;
  readonly runtime: Runtime;
  /** Rejects where the machine lacks what the system needs. */
  readonly preflight: () => Promise<void>;
  readonly version: string;
  /** For every process of the run; it carries the run's mark. */
  readonly environment: Record<string, string>;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborts to stop early and clean up. */
  readonly interrupt: AbortSignal;
  /** Aborts to stop even the clean-up. */
  readonly kill: AbortSignal;
}

export interface SystemUp {
  readonly description: System['description'];
  /** How to reach what runs. */
  readonly nodes: readonly KeptNode[];
  readonly ms: number;
}

/** Null when it could not be brought up; the events say why, and what is left. */
export async function bringUpSystem(options: UpOptions): Promise<SystemUp | null> {
  const { plan, place, runtime, preflight, environment, interrupt, kill } = options;
  const origin_ms = hostNow();
  const clock = hostClock(origin_ms);
  const recorder = openRecorder(place, clock, options.onEvent);
  const { emit, undoLog } = recorder;
  const scope = new Scope(undoLog, clock);
  const failed = new AbortController();
  const fail = (error: Error) => failed.abort(error);
  const signal = AbortSignal.any([interrupt, recorder.broken, failed.signal]);
  const parts = { runtime, faults: [], recoveries: [], preflight };
  const run: RunContext = {
    ...{ plan, place, parts, clock, origin_ms, emit, scope, environment, signal, kill, fail },
    askForEnter: null,
  };
  const stages = new Stages(run);
  undoLog.append({ undo: 'owner', run: place.id, owner: ownProcess() });
  writeInputs(options, emit, { origin_ms: recorder.origin_ms, wall_ms: clock.wall() });
  let up: SystemUp | null = null;
  try {
    await stages.go('prepare', prepare);
    const system = await stages.go('up', start);
    emit('topology.up', system.description);
    const ms = clock.now();
    const nodes = await system.keep();
    signal.throwIfAborted();
    up = { description: system.description, nodes, ms };
    emit('system.kept', { nodes: [...nodes] });
    scope.abandon();
  } catch (error) {
    up = null;
    reportFailure(run, error);
    await stages.go('heal', async () => {}); // nothing was broken
    await stages.go('down', bringDown);
  }
  emit('run.finished', { wall_ms: clock.now() });
  recorder.close();
  return up;
}

function writeInputs(
  { plan, text, place, version }: UpOptions,
  emit: RunContext['emit'],
  { origin_ms, wall_ms }: { readonly origin_ms: number; readonly wall_ms: number },
): void {
  writeFileSync(runFile(place.directory, 'drill'), text);
  writeFileSync(runFile(place.directory, 'plan'), `${JSON.stringify(plan, null, 2)}\n`);
  const at = new Date(wall_ms).toISOString();
  emit('run.started', { id: place.id, name: plan.name, at, origin_ms, drill_version: version });
}

async function bringDown({ scope, emit, clock, kill }: RunContext): Promise<void> {
  const began = clock.now();
  const left = await scope.close(kill);
  emit('cleanup.ended', { clean: left.length === 0, left, ms: clock.now() - began });
}

async function prepare({ scope, place, parts }: RunContext): Promise<void> {
  await parts.preflight?.();
  await scope.defer({ undo: 'directory', path: place.scratch }, async () => {
    removeTree(place.scratch);
  });
  makeScratch(place.scratch, place.id, place.directory);
}

async function start(run: RunContext): Promise<System> {
  const { parts, plan, place, clock, origin_ms, emit, scope, signal, fail } = run;
  const defer = scope.defer.bind(scope);
  await defer({ undo: 'processes', run: place.id, directory: place.scratch }, async () => {
    const alive = await endRunProcesses(place.id, place.scratch, clock);
    if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} do not end`);
  });
  return await parts.runtime.up({ plan, place, clock, origin_ms, emit, defer, signal, fail });
}
