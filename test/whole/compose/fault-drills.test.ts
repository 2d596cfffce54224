// Every drill of a single fault, on containers.
import { describeFaultDrills } from '../../support/whole/describe-fault-drills.ts';

describeFaultDrills('compose');
