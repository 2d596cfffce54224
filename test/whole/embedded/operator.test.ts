// A drill of the built command that is steered from another terminal: held, let go step by step,
// watched, and halted.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { SHORT_DRILL, Workplace } from '../../support/whole/drill-cli.ts';
import { it } from '../../support/commands.ts';

/** Time for several commands before the fault. */
const DRILL = SHORT_DRILL.replace('steady: { for: 1s }', 'steady: { for: 4s }');

const BY_HAND = `${SHORT_DRILL.replace('rto: 15s', 'rto: 60s')}recover:
  steps:
    - fence
    - { manual: Tell the payment provider., seen: { command: [test, -e, told] } }
    - promote
    - redirect
    - scale
    - { command: ['true'], title: warm the caches }
`;

describe('a drill that is steered from another terminal', function () {
  this.timeout(120_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace(DRILL)));
  afterEach(() => place.remove());

  const say = async (...words: string[]) => {
    const { code, stdout, stderr } = await place.run(words);
    return { code, text: stdout + stderr };
  };

  it('is held before its fault and before a step, and watched to its end', async () => {
    const run = place.start(['run', 'drill.yaml', '--reporter', 'plain']);
    await run.event('a steady state', ({ event }) => event === 'steady.started');
    expect(await say('step')).to.deep.include({ code: 2 });
    const watching = place.start(['watch']);
    expect((await say('pause')).code).to.equal(0);
    await run.event('a hold', ({ event }) => event === 'run.held');
    const again = await say('pause');
    expect(again.code).to.equal(2);
    expect(again.text).to.match(/is held already[^]*drill resume/);
    const step = await say('step');
    expect(step.code, step.text).to.equal(0);
    expect(step.text).to.match(/goes on with "the fault", and is held before what comes after/);
    await run.event(
      'a second hold',
      (event) => event.event === 'run.held' && event.before !== 'the fault',
    );
    expect((await say('resume')).code).to.equal(0);
    const { code, stderr } = await run.ended;
    const result = place.result();
    expect(code, stderr).to.equal(3);
    expect(result.reasons.join(' ')).to.match(/The run was held for .* before "fence the old prim/);
    const watched = await watching.ended;
    expect(watched.code, watched.stderr).to.equal(3);
    expect(watched.stdout).to.match(/^(\S+): inconclusive; (npx )?drill show \1\n$/);
    expect(watched.stderr).to.include('held before "the fault", by ');
    expect(watched.stderr).to.include('disaster declared');
    expect(place.leftBehind()).to.deep.equal([]);
    for (const verb of ['pause', 'resume', 'step', 'halt', 'declare', 'watch']) {
      const late = await say(verb);
      expect(late.code, verb).to.equal(2);
      expect(late.text, verb).to.contain('is not running');
    }
  });

  it.full('waits for a person in its recovery, and sees for itself that it is done', async () => {
    place.write('by-hand.yaml', BY_HAND);
    const run = place.start(['run', 'by-hand.yaml', '--reporter', 'plain']);
    await run.event('a question', ({ event }) => event === 'operator.asked');
    expect((await say('declare')).code).to.equal(2);
    expect((await say('confirm')).text).to.include('Tell the payment provider');
    await run.event('a confirmation', ({ event }) => event === 'step.confirmed');
    await hostClock().sleep(700);
    expect(place.events().some(({ event }) => event === 'step.seen')).to.equal(false);
    place.write('told', '');
    const { code, stderr, stdout } = await run.ended;
    expect(code, stderr + stdout).to.equal(0);
    const steps = place
      .events()
      .flatMap((each) => (each.event === 'step.ended' ? [each.step] : []));
    expect(steps).to.deep.equal([
      ...['fence the old primary', 'Tell the payment provider.', 'promote the standby'],
      ...['redirect the clients', 'scale the app', 'warm the caches'],
    ]);
    expect(place.result().recovery!.rto_ms).to.be.above(700);
  });

  it.full('is halted, with what was to come after it', async () => {
    // The regions that trials share have a folder of their own.
    const trials = () => place.runs().filter((run) => !run.includes('-regions-'));
    const isSteady = (run: string) =>
      place.events(run).some(({ event }) => event === 'steady.started');
    const series = place.start(['run', 'drill.yaml', '--repeat', '3', '--reporter', 'plain']);
    while (!trials().some(isSteady)) await hostClock().sleep(20);
    expect((await say('halt')).code).to.equal(0);
    const { code, stdout, stderr } = await series.ended;
    expect(code, stdout + stderr).to.equal(130);
    expect(trials()).to.have.lengthOf(1);
    const { verdict, reasons, cleanup } = place.result(trials()[0]);
    expect(verdict).to.equal('interrupted');
    expect(reasons[0]).to.match(/^The run was interrupted by .+, by (npx )?drill halt\.$/);
    expect(cleanup).to.deep.equal({ clean: true, left: [] });
    expect(place.leftBehind()).to.deep.equal([]);
  });
});
