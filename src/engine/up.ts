// Brings a plan's system up and leaves it running; whatever goes wrong half-way, nothing stays.
import type { KeptNode } from '../evidence/event.ts';
import { bringUpRegions, deferProcesses, prepare } from './begin/begin.ts';
import { openRun, type OpenOptions } from './begin/open-run.ts';
import { endScope } from './end/down.ts';
import { carryOut, tasksOver, type Task } from './frame/tasks.ts';
import { startWorkload } from '../workload/clients.ts';
import type { System, SystemMaker } from '../topology/system/system.ts';

export interface UpOptions extends Omit<OpenOptions, 'parts' | 'limit_ms' | 'askForEnter'> {
  readonly runtime: SystemMaker;
  /** Rejects where the machine lacks what the system needs. */
  readonly preflight: () => Promise<void>;
}

export interface SystemUp {
  readonly description: System['description'];
  /** How to reach what runs. */
  readonly nodes: readonly KeptNode[];
  readonly ms: number;
}

interface Facts {
  readonly prepared: true;
  readonly up: SystemUp;
}

/** Null when it could not be brought up; the events say why, and what is left. */
export async function bringUpSystem(options: UpOptions): Promise<SystemUp | null> {
  const { runtime, preflight } = options;
  const parts = { runtime, faults: [], recoveries: [], startClients: startWorkload, preflight };
  const { run, close } = openRun({ ...options, parts, limit_ms: null, askForEnter: null });
  const { up = null } = await carryOut(run, upTasks());
  await close();
  return up;
}

function upTasks(): readonly Task<Facts>[] {
  const { task, always } = tasksOver<Facts>();
  return [
    task('prepare', [], prepare),
    task('up', ['prepared'], async (run) => {
      await deferProcesses(run);
      const system = await bringUpRegions(run);
      const ms = run.clock.now();
      const nodes = await system.keep();
      run.signal.throwIfAborted();
      return { up: { description: system.description, nodes, ms } };
    }),
    always('down', async (run, { up }) => {
      if (up === undefined) return await endScope(run);
      run.emit('system.kept', { nodes: [...up.nodes] });
      run.scope.abandon();
    }),
  ];
}
