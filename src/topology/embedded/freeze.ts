// Processes that stand still on purpose, all the time or most of it, and go on afterwards as far as
// they are still there.
import { undoing, type Undoable } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import { DutyCycle } from '../../host/process/duty-cycle.ts';
import {
  areStopped,
  continueTrees,
  identify,
  liveTree,
  stopTrees,
} from '../../host/process/processes.ts';
import type { Address } from '../../host/ports.ts';
import type { GslbNode } from '../assembled/gslb.ts';
import { nodeAt, type ProcessNode, type Watched } from './processes.ts';

type Freezable = Pick<ProcessNode, 'node' | 'roots' | 'pids'>;

/** How to find them again for whoever ends what has stopped them, also from the undo log alone. */
function stoppedProcesses(nodes: readonly Freezable[]) {
  const roots = nodes.flatMap((node) => node.roots());
  return { undo: 'stopped-processes', processes: identify(roots.flatMap(liveTree)) } as const;
}

export function freezeProcesses(nodes: readonly Freezable[]): Undoable {
  const roots = () => nodes.flatMap((node) => node.roots());
  // Those that are dead by now (a fence) have nothing that could go on.
  const goesOn = (node: Freezable) => node.roots().length > 0 && !areStopped(node.pids());
  return {
    entry: stoppedProcesses(nodes),
    act: async () => stopTrees(roots()),
    undo: undoing(
      async () => nodes.filter(goesOn).map(({ node }) => `the standstill of ${node}`),
      async () => continueTrees(roots()),
    ),
  };
}

/** `now` is the node of that name when that is asked; null: its region was given up. */
export function slowProcesses(
  node: Freezable,
  share: number,
  now: () => Freezable | null,
  clock: Clock,
): Undoable {
  const cycle = new DutyCycle(() => node.roots(), share, clock);
  // One that was started anew gets all of the time.
  const isGone = () => ![node, null].includes(now());
  return {
    entry: stoppedProcesses([node]),
    act: () => Promise.resolve(cycle.start()),
    undo: undoing(
      () => Promise.resolve(isGone() ? [`what slowed ${node.node}`] : []),
      () => cycle.stop(),
    ),
  };
}

/** The process of the GSLB, which answers at that address for that run. */
export function gslbNode(watched: Watched, at: Address, run: string): GslbNode {
  const node = nodeAt(watched, at, run);
  return { look: (timeout_ms) => node.look(timeout_ms), freeze: () => freezeProcesses([node]) };
}
