// Every drill that comes with drill, on containers.
import { describeDrills } from './describe-drills.ts';

describeDrills('compose');
