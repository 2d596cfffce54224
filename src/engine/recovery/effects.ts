// What a recovery does to the system that has to be undone, by itself or at the end of the run.
import { oneAfterTheOther } from '../../base/all-done.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { Effects } from '../../recovery/procedure.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';

/** Each with its undo on the disk before it is there. */
export function effectsOn({ scope }: Pick<RunContext, 'scope'>, system: System): Effects {
  const undos: (() => Promise<readonly string[]>)[] = [];
  return {
    apply: async (effect: Undoable) => {
      const entry = { ...effect.entry, system: system.directory };
      undos.push(await scope.deferHeal(entry, () => effect.undo()));
      await effect.act();
    },
    undo: async () => {
      const gone = await oneAfterTheOther(undos.toReversed());
      undos.length = 0;
      return gone.flat();
    },
  };
}
