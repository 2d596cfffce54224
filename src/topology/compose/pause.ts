// Containers that stand still on purpose, and go on afterwards as far as they are still there.
import { allDone } from '../../base/all-done.ts';
import { undoing, type Undoable } from '../../evidence/undo.ts';
import type { Container } from './engine/container.ts';
import type { Surroundings } from './surroundings.ts';

export function pauseContainers(
  { context, engine }: Pick<Surroundings, 'context' | 'engine'>,
  nodes: readonly Container[],
): Undoable {
  const containers = nodes.map(({ id }) => id);
  return {
    entry: { undo: 'paused-containers', docker: engine.address.url, containers },
    act: async () => void (await allDone(nodes.map((each) => each.pause(context.clock)))),
    undo: undoing(
      () => goingOn(nodes),
      () => allDone(nodes.map((each) => each.unpause())),
    ),
  };
}

/** Those that run although they were paused; what is dead by now (a fence) is no such thing. */
async function goingOn(nodes: readonly Container[]): Promise<string[]> {
  const looked = await allDone(nodes.map(async (each) => [each, await each.look()] as const));
  const running = looked.filter(([, { state }]) => state === 'running');
  return running.map(([{ node }]) => `the standstill of ${node}`);
}
