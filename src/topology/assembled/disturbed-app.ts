// An app instance that is disturbed on purpose, until that is undone.
import { isDeepStrictEqual } from 'node:util';
import { disturb, UNDISTURBED, type Disturbance } from '../../app/disturbance.ts';
import { undoing, type Undoable } from '../../evidence/undo.ts';
import { lacking, type NodeState } from '../system/region.ts';

const LOOK_MS = 500;

export function disturbedApp(at: NodeState, secret: string, how: Disturbance): Undoable {
  const { node } = at;
  return {
    entry: { undo: 'disturbed-app', node },
    act: async () => {
      if ((await disturb(at, secret, how)) === null) {
        throw lacking(node, 'it to take a disturbance', 'nobody who listens');
      }
    },
    // What has died meanwhile (a fence) is disturbed no more, and by no fault of anybody's.
    undo: undoing(
      async () => {
        if ((await at.look(LOOK_MS)).state === 'dead') return [];
        const before = await disturb(at, secret, UNDISTURBED); // which ends it
        return isDeepStrictEqual(before, how) ? [] : [`the disturbance of ${node}`];
      },
      async () => {},
    ),
  };
}
