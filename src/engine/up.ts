// Brings a plan's system up and leaves it running; whatever goes wrong half-way, nothing stays.
import type { KeptNode } from '../evidence/event.ts';
import { bringUpRegions, deferProcesses, prepare } from './begin/begin.ts';
import { openRun, type OpenOptions } from './begin/open-run.ts';
import { endScope } from './end.ts';
import { carryOut, tasksOver, type Task } from './frame/tasks.ts';
import type { System } from '../topology/system/system.ts';

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
export async function bringUpSystem(options: OpenOptions): Promise<SystemUp | null> {
  const { run, close } = openRun(options);
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
      if (up === undefined) return void (await endScope(run));
      run.emit('system.kept', { nodes: [...up.nodes] });
      run.scope.abandon();
    }),
  ];
}
