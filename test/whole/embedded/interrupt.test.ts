// Ctrl-C and SIGKILL in every phase of a run: nothing stays behind, and the next run works.
import { expect } from 'chai';
import type { Phase } from '../../../src/evidence/event.ts';
import { orphanedSegments, Workplace } from '../../support/whole/drill-cli.ts';
import { it } from '../../support/commands.ts';

const PHASES: readonly Phase[] = [
  'prepare',
  'up',
  'seed',
  'warm-up',
  'steady',
  'fault',
  'recover',
  'heal',
  'verify',
  'down',
];

describe('a run that is stopped', function () {
  this.timeout(120_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(() => place.remove());

  const added = () => [...place.leftBehind(), ...orphanedSegments(place.postmasters())];

  for (const phase of PHASES) {
    (phase === 'recover' ? it : it.full)(
      `by Ctrl-C in the phase ${phase} heals, cleans up and exits with 130`,
      async () => {
        const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
        await run.event(phase, (event) => event.event === 'phase.started' && event.phase === phase);
        run.child.kill('SIGINT');
        const { code, stdout, stderr } = await run.ended;
        expect(added()).to.deep.equal([]);
        expect(code, stdout + stderr).to.equal(130);
        expect(place.result().verdict).to.equal('interrupted');
        expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
      },
    );

    (phase === 'fault' ? it : it.full)(
      `by SIGKILL in the phase ${phase} is cleaned by drill clean`,
      async () => {
        const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
        await run.event(phase, (event) => event.event === 'phase.started' && event.phase === phase);
        run.child.kill('SIGKILL');
        await run.ended;
        const { code, stdout, stderr } = await place.run(['clean']);
        expect(code, stdout + stderr).to.equal(0);
        expect(added()).to.deep.equal([]);
      },
    );
  }

  it.full('by Ctrl-\\ (SIGQUIT) is no other', async () => {
    const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
    await run.event('a disaster', ({ event }) => event === 'fault.injected');
    run.child.kill('SIGQUIT');
    const { code, stdout, stderr } = await run.ended;
    expect(added()).to.deep.equal([]);
    expect(code, stdout + stderr).to.equal(130);
  });

  it.full('leaves a machine on which the next run passes', async () => {
    const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
    await run.event('recover', (event) => event.event === 'disaster.declared');
    run.child.kill('SIGKILL');
    await run.ended;
    await place.run(['clean']);
    const { code, stdout, stderr } = await place.run(['run', 'drill.yaml']);
    expect(code, stdout + stderr).to.equal(0);
    expect(added()).to.deep.equal([]);
  });
});
