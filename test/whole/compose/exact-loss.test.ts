// Whole drills on containers, over a long link: the loss against a count by psql inside the
// container that survived, the recovery time against a client that has nothing to do with drill's.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PATIENT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import {
  drillAndProbe,
  expectExactLoss,
  expectRightTime,
  keptDatabase,
} from '../../support/whole/independent-count.ts';
import { requirePart } from '../../support/require.ts';
import { TOO_BUSY } from '../../support/whole/run-measured.ts';
import {
  atEngine,
  composeEnvironment,
  containerOf,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { some } from '../../support/commands.ts';

/**
 * What is on its way for so long is lost where the link dies with the region. Where the region only
 * falls silent, what the link holds may still arrive before the link is cut.
 */
const LINK = '  links: { east-west: { latency: 80ms } }\n';
const CASES = [
  { how: 'kill', sync: false, seed: 1, loses: 'some' },
  { how: 'kill', sync: false, seed: 2, loses: 'some' },
  { how: 'kill', sync: false, seed: 3, loses: 'some' },
  { how: 'kill', sync: true, seed: 1, loses: 'nothing' },
  { how: 'partition', sync: false, seed: 1, loses: 'perhaps' },
  { how: 'freeze', sync: false, seed: 1, loses: 'perhaps' },
] as const;

function drillOf({ how, sync }: (typeof CASES)[number]): string {
  const mode = sync ? '  replication: { mode: sync }\n' : '';
  return PATIENT_DRILL.replace('region: east }', `region: east, how: ${how} }`).replace(
    '  gslb:',
    `${LINK}${mode}  gslb:`,
  );
}

/** Read where it stands, past Toxiproxy and everything of drill's. */
function idsInWest(place: Workplace): string[] {
  const { passfile } = keptDatabase(place, 'west/postgres');
  const password = readFileSync(passfile, 'utf8').split('\n')[0]!.split(':').at(-1)!;
  const statement = "select writer || '-' || sequence from orders";
  const psql = `PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)" psql -h 127.0.0.1 -U postgres`;
  const asked = `${psql} -XAtq -d orders -c "${statement}"`;
  const west = containerOf(basename(place.runs().at(-1)!), 'west/postgres');
  const said = docker('exec', '-e', `PGPASSWORD=${password}`, west, 'sh', '-c', asked);
  return said.split('\n');
}

describe('a region of containers that is lost', function () {
  this.timeout(180_000);
  let place: Workplace;

  before(function () {
    requireDocker(this);
  });
  afterEach(async () => {
    await place?.run(['clean', '--kept'], composeEnvironment());
    const left = [...place.leftBehind(), ...place.runs().flatMap((run) => atEngine(basename(run)))];
    place.remove();
    expect(left).to.deep.equal([]);
  });

  for (const [wanted, it] of some(CASES, 0)) {
    const { how, sync, seed, loses } = wanted;
    const title = `${how}${sync ? ', synchronous' : ''}, seed ${seed}`;
    it(`costs what an independent count and client say (${title})`, async function () {
      place = new Workplace(drillOf(wanted));
      const args = ['--runtime', 'compose', '--seed', String(seed)];
      const drilled = await drillAndProbe(place, args, composeEnvironment());
      const result = place.result();
      const isEven = !result.reasons.some((reason) => TOO_BUSY.test(reason));
      requirePart(this, 'idle-machine', isEven, 'the machine was too busy to keep the schedule');
      expect(result.verdict, drilled.ended.stdout + drilled.ended.stderr).to.equal('pass');
      const gone = await expectExactLoss(place, idsInWest(place));
      if (loses === 'some') expect(gone, 'something is lost').to.be.above(0);
      if (loses === 'nothing') expect(gone).to.equal(0);
      expectRightTime(result, drilled);
    });
  }
});
