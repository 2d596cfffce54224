// ride-out: nothing is moved. Both regions go on alone until what parts them has healed, and then
// catch up; whether they hold the same afterwards is for the verification to say.
import type { Procedure, RecoveryContext } from './procedure.ts';
import { needed } from '../topology/system/ability.ts';

export const rideOut: Procedure = {
  name: 'ride-out',
  summary: 'both regions go on alone until the fault has healed, and catch up',
  settings: {
    deadline: 'regions that have not caught up so long after the disaster never will',
  },
  leavesAlive: true,
  steps: [{ title: 'let both regions catch up', run: catchUp }],
};

async function catchUp({ system, signal }: RecoveryContext): Promise<void> {
  await needed(system.bidirectional, 'bidirectional', 'the system').catchUp(signal);
}
