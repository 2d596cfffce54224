// The drills that come with drill, as a user runs them: what they end with, what they say, and what
// they leave.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { findUser, type HostUser } from '../../../src/host/users.ts';
import { ROOT, Workplace, type Ended } from '../../support/whole/drill-cli.ts';
import { findProgram } from '../../support/find-program.ts';
import { runMeasured } from '../../support/whole/run-measured.ts';
import { requirePart } from '../../support/require.ts';
import { sharedMemoryOf, stillThere } from '../../support/system/shared-memory-of.ts';
import { it } from '../../support/commands.ts';

const drill = (name: string) => join(ROOT, 'drills', name);
const words = ({ stdout, stderr }: Ended) => stdout + stderr;

for (const who of ['whoever runs the tests', 'an ordinary user when root runs the tests']) {
  describe(`drills/region-outage.yaml, run by ${who}`, function () {
    this.timeout(180_000);
    // Root's own run is one of many; that of an ordinary user is the only one, where root can make it.
    const isOrdinary = who.startsWith('an');
    const whose = isOrdinary === (process.getuid?.() === 0) ? it : it.full;
    let place: Workplace;
    let ended: Ended;
    before(async function () {
      const user = isOrdinary ? findUser('nobody') : null;
      if (isOrdinary) {
        const problem = switchProblem(user);
        requirePart(this, 'unprivileged', problem === null, problem ?? '');
      }
      place = new Workplace(undefined, user);
      ended = await runMeasured(place, ['run', drill('region-outage.yaml')]);
    });
    after(() => place?.remove());

    whose('exits with 0 and a verdict of pass', () => {
      expect(ended.code, words(ended)).to.equal(0);
      expect(place.result()).to.include({ verdict: 'pass' });
      expect(ended.stdout).to.contain('PASS  region-outage');
    });

    whose('has a number and its interval for every target', () => {
      const { gates } = place.result();
      expect(gates.map(({ name }) => name)).to.include.members(['rto', 'rpo']);
      for (const gate of gates) {
        expect(gate.verdict, gate.name).to.equal('pass');
        for (const key of ['measured', 'low', 'high'] as const) {
          expect(gate[key], `${gate.name}.${key}`).to.be.a('number');
        }
      }
    });

    whose('has phases that add up to the RTO exactly', () => {
      const { rto_ms, phases } = place.result().recovery!;
      expect(rto_ms).to.be.above(0);
      expect(phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0)).to.equal(rto_ms);
    });

    whose('is judged again from its files alone, with the same result', async () => {
      const judged = await place.run(['judge', 'latest']);
      expect(judged.code, words(judged)).to.equal(0);
      expect(judged.stdout).to.contain('agrees with the evidence');
    });

    whose('exports as many lost writes as the result counts', async () => {
      const { stdout } = await place.run(['ledger', 'latest', '--only', 'lost', '--format', 'csv']);
      const [head = '', ...rows] = stdout.trim().split('\n');
      const at = head.split(',').indexOf('class');
      const { lost, lost_ids } = place.result().loss!;
      expect(rows).to.have.length(lost);
      for (const row of rows) expect(row.split(',')[at], row).to.equal('lost');
      const ids = rows.map((row) => row.split(',').slice(2, 4).join('-'));
      expect(ids).to.include.members([...lost_ids]);
    });

    whose('agrees with the second opinion of the old primary', () => {
      expect(place.result().loss!.second).to.include({ agrees: true });
    });

    whose('leaves nothing behind', () => {
      expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
      expect(place.leftBehind()).to.deep.equal([]);
    });
  });
}

describe('drills of the built command', function () {
  this.timeout(180_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(() => {
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('run two at once without disturbing each other', async () => {
    const other = new Workplace();
    try {
      let ended = await runBoth(place, other);
      // Two runs may starve each other of time on a busy machine, and then say so.
      if (ended.some(({ code }) => code === 3)) ended = await runBoth(place, other);
      for (const each of ended) expect(each.code, words(each)).to.equal(0);
      expect(place.result().loss!.second).to.include({ agrees: true });
      expect(other.result().loss!.second).to.include({ agrees: true });
    } finally {
      other.remove();
    }
  });

  it.full('run on the built-in proxy where there is no other, and say so', async () => {
    const folder = dirname(findProgram('toxiproxy-server') ?? '/none/toxiproxy-server');
    const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => each !== folder);
    const args = ['run', 'drill.yaml', '--reporter', 'plain'];
    const ended = await runMeasured(place, args, { PATH: path.join(delimiter) });
    expect(ended.code, words(ended)).to.equal(0);
    expect(place.result().runtime).to.include({ kind: 'embedded', proxy: 'built-in' });
  });

  it.full('run on toxiproxy-server where it is on PATH, and say so', async function () {
    const isFound = findProgram('toxiproxy-server') !== null;
    requirePart(this, 'toxiproxy', isFound, 'toxiproxy-server is not on PATH');
    const ended = await runMeasured(place, ['run', 'drill.yaml', '--reporter', 'plain']);
    expect(ended.code, words(ended)).to.equal(0);
    expect(place.result().runtime!.proxy).to.match(/^toxiproxy /);
    expect(ended.stdout).to.match(/proxy toxiproxy/);
  });
});

const isSteady = ({ event }: { readonly event: string }) => event === 'steady.started';

/** At the same time, with nothing of either left at the end. */
async function runBoth(...places: readonly Workplace[]): Promise<Ended[]> {
  const runs = places.map((place) => place.start(['run', 'drill.yaml', '--reporter', 'plain']));
  // Each is looked at in its own steady state: by the other's it may have lost a region.
  const seen = runs.map(async (run, at) => {
    await run.event('the steady state', isSteady);
    return sharedMemoryOf(places[at]!.processes());
  });
  const held = (await Promise.all(seen)).flat();
  if (process.platform === 'linux') expect(held).to.have.length.at.least(4);
  const ended = await Promise.all(runs.map((run) => run.ended));
  expect(stillThere(held)).to.deep.equal([]);
  for (const place of places) expect(place.leftBehind()).to.deep.equal([]);
  return ended;
}

/** Why this process cannot run the command as that user; null when it can. */
function switchProblem(user: HostUser | null): string | null {
  if (process.getuid?.() !== 0) return 'the tests are not run by root';
  if (user === null) return 'there is no user nobody';
  const { uid, gid } = user;
  const command = join(ROOT, 'bin', 'drill.js');
  const tried = spawnSync(process.execPath, [command, '--version'], { cwd: '/', uid, gid });
  return tried.status === 0 ? null : `user nobody cannot run ${command}`;
}
