// SIGKILL at random moments of drills on processes of this machine; `npm run test:kill` has more.
import { describeKills } from '../../support/kill/describe-kills.ts';
import { countOf } from '../../support/kill/series.ts';

describeKills('embedded', countOf('KILLS_EMBEDDED', 1));
