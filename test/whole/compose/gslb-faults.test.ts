// Faults on the GSLB beside a disaster, and where a runner is killed, on containers.
import { describeGslbFaults } from '../../support/whole/describe-gslb-faults.ts';

describeGslbFaults('compose');
