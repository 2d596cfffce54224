// Faults on the GSLB beside a disaster, and where a runner is killed, on processes of this machine.
import { describeGslbFaults } from '../../support/whole/describe-gslb-faults.ts';

describeGslbFaults('embedded');
