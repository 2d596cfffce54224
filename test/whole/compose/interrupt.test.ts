// Runs on containers that are stopped on their way: Ctrl-C, twice too, and SIGKILL. Nothing of them
// stays, and what others have at the same engine is not touched, whatever it is called.
import { expect } from 'chai';
import { basename } from 'node:path';
import type { Phase, RunEvent } from '../../../src/evidence/event.ts';
import { PATIENT_DRILL, Workplace, type RunningDrill } from '../../support/whole/drill-cli.ts';
import {
  atEngine,
  composeEnvironment,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { it } from '../../support/commands.ts';

const PHASES: readonly Phase[] = ['up', 'fault', 'recover', 'verify'];
const RUN = ['run', 'drill.yaml', '--runtime', 'compose', '--reporter', 'plain'];
/** The label is that of a run which is alive: this process. */
const OTHER_RUN = `other-${process.pid}`;
const FOREIGN = [
  { name: `drill-foreign-${process.pid}-east-postgres-1`, labels: [] },
  { name: `drill-${OTHER_RUN}-west-app-1`, labels: [`dr.drill.run=${OTHER_RUN}`] },
  {
    name: `drill-by-hand-${process.pid}`,
    labels: ['dr.drill.run=by-hand', 'dr.drill.node=east/postgres'],
  },
] as const;

const began = (phase: Phase) => (event: RunEvent) =>
  event.event === 'phase.started' && event.phase === phase;

describe('a run on containers that is stopped', function () {
  this.timeout(120_000);
  let place: Workplace;

  before(function () {
    requireDocker(this);
    const image = composeEnvironment()['DRILL_IMAGE_NODE']!;
    for (const { name, labels } of FOREIGN) {
      const labelled = labels.flatMap((label) => ['--label', label]);
      docker('network', 'create', ...labelled, `${name}-net`);
      docker('volume', 'create', ...labelled, `${name}-volume`);
      const at = ['--network', `${name}-net`, '--volume', `${name}-volume:/v`];
      const command = ['--entrypoint', 'sleep', image, '3600'];
      docker('run', '--detach', '--name', name, ...labelled, ...at, ...command);
    }
  });
  after(() => {
    const isThere = (name: string) => docker('ps', '-aq', '--filter', `name=^/${name}$`) !== '';
    for (const { name } of FOREIGN) {
      if (!isThere(name)) continue;
      docker('rm', '--force', name);
      docker('network', 'rm', `${name}-net`);
      docker('volume', 'rm', `${name}-volume`);
    }
  });
  beforeEach(() => (place = new Workplace(PATIENT_DRILL)));
  afterEach(() => {
    place.remove();
    for (const { name } of FOREIGN) {
      const [running, networks, mounts] = docker(
        ...['inspect', '--format'],
        '{{.State.Running}} {{json .NetworkSettings.Networks}} {{json .Mounts}}',
        name,
      ).split(' ');
      expect(running, name).to.equal('true');
      expect(networks).to.contain(`${name}-net`);
      expect(mounts).to.contain(`${name}-volume`);
    }
  });

  const left = () => [
    ...place.leftBehind(),
    ...place.runs().flatMap((run) => atEngine(basename(run))),
  ];
  const untilIn = async (phase: Phase): Promise<RunningDrill> => {
    const drill = place.start(RUN, composeEnvironment());
    await drill.event(phase, began(phase));
    return drill;
  };

  for (const phase of PHASES) {
    (phase === 'recover' ? it : it.full)(
      `by Ctrl-C in the phase ${phase} cleans up and exits with 130`,
      async () => {
        const drill = await untilIn(phase);
        drill.child.kill('SIGINT');
        const { code, stdout, stderr } = await drill.ended;
        expect(left(), stdout + stderr).to.deep.equal([]);
        expect(code, stdout + stderr).to.equal(130);
        expect(place.result().verdict).to.equal('interrupted');
        expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
      },
    );
  }

  it.full('by Ctrl-C twice ends soon, and what it leaves is named and cleaned', async () => {
    const drill = await untilIn('fault');
    drill.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    drill.child.kill('SIGINT');
    const { code, stdout, stderr } = await drill.ended;
    expect(code, stdout + stderr).to.equal(130);
    if (left().length > 0) expect(stdout + stderr).to.contain('drill clean');
    const cleaned = await place.run(['clean'], composeEnvironment());
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(left()).to.deep.equal([]);
  });

  const killAndClean = async (drill: RunningDrill): Promise<void> => {
    drill.child.kill('SIGKILL');
    await drill.ended;
    expect(left()).to.not.deep.equal([]);
    const { code, stdout, stderr } = await place.run(['clean'], composeEnvironment());
    expect(code, stdout + stderr).to.equal(0);
    expect(left()).to.deep.equal([]);
  };

  it.full('by SIGKILL in the middle is cleaned by drill clean', async () => {
    await killAndClean(await untilIn('recover'));
  });

  it.full('by SIGKILL while a region stands still is cleaned by drill clean at once', async () => {
    place.write(
      'drill.yaml',
      PATIENT_DRILL.replace('region: east }', 'region: east, how: freeze }'),
    );
    const drill = place.start(RUN, composeEnvironment());
    await drill.event('the standstill', ({ event }) => event === 'fault.injected');
    await killAndClean(drill);
  });
});
