// An app instance that is disturbed on purpose, until that is undone. It is told past all links:
// one that another fault cuts says nothing of the instance behind it.
import { isDeepStrictEqual } from 'node:util';
import { disturb, UNDISTURBED, type Disturbance } from '../../app/disturbance.ts';
import { undoing, type Undoable } from '../../evidence/undo.ts';
import { lacking, type NodeState } from '../system/region.ts';
import type { Lab } from '../system/system.ts';

const LOOK_MS = 500;

interface AppControl extends Pick<Lab, 'directAt'> {
  /** What it wants to hear before it does as it is told. */
  readonly secret: string;
}

export function disturbedApp(
  at: NodeState,
  { directAt, secret }: AppControl,
  how: Disturbance,
): Undoable {
  const { node } = at;
  const tell = async (wanted: Disturbance) => {
    const control = await directAt(at);
    return control === null ? null : await disturb(control, secret, wanted);
  };
  return {
    entry: { undo: 'disturbed-app', node },
    act: async () => {
      if ((await tell(how)) === null) {
        throw lacking(node, 'it to take a disturbance', 'nobody who listens');
      }
    },
    // What has died meanwhile (a fence) is disturbed no more, and by no fault of anybody's.
    undo: undoing(
      async () => {
        if ((await at.look(LOOK_MS)).state === 'dead') return [];
        const before = await tell(UNDISTURBED); // which ends it
        return isDeepStrictEqual(before, how) ? [] : [`the disturbance of ${node}`];
      },
      async () => {},
    ),
  };
}
