// Every drill of a single fault, on processes of this machine.
import { describeFaultDrills } from '../../support/whole/describe-fault-drills.ts';

describeFaultDrills('embedded');
