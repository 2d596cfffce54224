// What the compose runtime leaves at a docker engine, undone: containers, networks and volumes that
// carry the run's label, and containers that are paused.
import type { Effect, UndoKind } from '../../evidence/undo.ts';

interface Containers extends Effect {
  readonly undo: 'compose';
  readonly run: string;
  /** The address of the docker engine. */
  readonly docker: string;
}

export const containersUndo: UndoKind<Containers> = {
  undo: 'compose',
  describe: ({ run }) => `containers of run ${run}`,
  atMost_ms: 40_000, // a busy engine takes its time to remove what it runs
  perform: async ({ docker, run }, { clock, environment }) => {
    const [{ openEngine }, { removeRun }] = await Promise.all([
      import('./engine/engine.ts'),
      import('./engine/remove.ts'),
    ]);
    return await removeRun(openEngine(environment, docker), run, clock, false);
  },
};

/** Containers that were paused. */
interface PausedContainers extends Effect {
  readonly undo: 'paused-containers';
  /** The address of the docker engine. */
  readonly docker: string;
  /** Their ids. */
  readonly containers: readonly string[];
}

export const pausedContainersUndo: UndoKind<PausedContainers> = {
  undo: 'paused-containers',
  describe: ({ containers }) => `${containers.length} paused containers`,
  perform: async ({ docker, containers }, { environment }) => {
    const [{ openEngine }, { unpause }] = await Promise.all([
      import('./engine/engine.ts'),
      import('./engine/container.ts'),
    ]);
    return await unpause(openEngine(environment, docker), containers);
  },
};
