// Brings a plan's system up and leaves it running; whatever goes wrong half-way, nothing stays.
import type { KeptNode, RunEvent } from '../evidence/event.ts';
import { hostClock, hostNow } from '../host/clock.ts';
import type { System, SystemMaker } from '../topology/system.ts';
import {
  beginRecord,
  bringUpRegions,
  deferProcesses,
  prepare,
  type Inputs,
} from './begin/begin.ts';
import type { RunContext } from './frame/context.ts';
import { reportFailure } from './frame/failure.ts';
import { openRecorder } from './frame/recorder.ts';
import { Scope } from './frame/scope.ts';
import { Stages } from './frame/stages.ts';

export interface UpOptions extends Inputs {
  readonly runtime: SystemMaker;
  /** Rejects where the machine lacks what the system needs. */
  readonly preflight: () => Promise<void>;
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
  beginRecord(options, recorder, { origin_ms, wall_ms: clock.wall() });
  let up: SystemUp | null = null;
  try {
    await stages.go('prepare', prepare);
    const system = await stages.go('up', async (phase) => {
      await deferProcesses(phase);
      return await bringUpRegions(phase);
    });
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

async function bringDown({ scope, emit, clock, kill }: RunContext): Promise<void> {
  const began = clock.now();
  const left = await scope.close(kill);
  emit('cleanup.ended', { clean: left.length === 0, left, ms: clock.now() - began });
}
