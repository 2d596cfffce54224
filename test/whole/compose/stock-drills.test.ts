// Every drill that comes with drill, on containers.
import { describeDrills } from '../../support/whole/describe-drills.ts';

describeDrills('compose');
