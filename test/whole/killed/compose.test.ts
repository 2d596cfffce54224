// SIGKILL at random moments of drills on containers; only `npm run test:kill` has the time.
import { describeKills } from '../../support/kill/describe-kills.ts';
import { countOf } from '../../support/kill/series.ts';
import { requireDocker } from '../../support/servers/docker.ts';

const COUNT = countOf('KILLS_COMPOSE', 0);

describe('kills on containers', () => {
  if (COUNT === 0) return;
  before(function () {
    requireDocker(this);
  });
  describeKills('compose', COUNT);
});
