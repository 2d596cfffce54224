// Every recovery procedure, in the order in which `drill list recoveries` shows them.
import type { RecoveryName } from '../drill/registry-names.ts';
import type { Procedure } from './procedure.ts';
import { promoteStandby } from './promote-standby.ts';

const byName: Readonly<Partial<Record<RecoveryName, Procedure>>> = {
  'promote-standby': promoteStandby,
};

export const recoveries: readonly Procedure[] = Object.values(byName);
