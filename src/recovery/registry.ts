// Every recovery procedure, in the order in which `drill list recoveries` shows them.
import type { RecoveryName } from '../drill/names.ts';
import type { Procedure } from './procedure.ts';
import { promoteAndStart } from './promote-and-start.ts';
import { promoteStandby } from './promote-standby.ts';
import { redirectClients } from './redirect-clients.ts';
import { restoreBackup } from './restore-backup.ts';
import { restoreToPoint } from './restore-to-point.ts';
import { rideOut } from './ride-out.ts';
import { switchOver } from './switch-over.ts';

const byName: Readonly<Record<RecoveryName, Procedure>> = {
  'promote-standby': promoteStandby,
  'promote-and-start': promoteAndStart,
  'switch-over': switchOver,
  'restore-backup': restoreBackup,
  'restore-to-point': restoreToPoint,
  'redirect-clients': redirectClients,
  'ride-out': rideOut,
};

export const recoveries: readonly Procedure[] = Object.values(byName);
