// Steps of a recovery in a drill file: those of the recovery are all there, in their order, and what
// else stands among them is planned as it was stated.
import { expect } from 'chai';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { heads } from '../../support/plan/drill-file.ts';

const file = (steps: string, recover = '') => `drill: 1
name: steps
targets: { rto: 15s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
recover: { ${recover}steps: ${steps} }
`;
const ALL = 'promote-standby has fence, promote, redirect, scale, in this order';
const BY_HAND = '{ manual: Call the provider., seen: { command: [./called.sh] } }';
const COMMAND = '{ command: [./warm.sh, west] }';

const WRONG: readonly (readonly [string, string, string])[] = [
  [
    'a step that the recovery has not',
    '[fence, promot, redirect, scale]',
    `a.yaml:6:27: error: recover.steps.1: expected a step of the recovery: ${ALL}; did you mean promote?`,
  ],
  [
    'another order',
    '[fence, redirect, promote, scale]',
    `a.yaml:6:27: error: recover.steps.1: expected promote here: ${ALL}`,
  ],
  [
    'a step twice',
    '[fence, fence, promote, redirect, scale]',
    `a.yaml:6:27: error: recover.steps.1: expected promote here: ${ALL}`,
  ],
  [
    'a step after the last',
    '[fence, promote, redirect, scale, fence]',
    `a.yaml:6:53: error: recover.steps.4: expected no further step of the recovery here: ${ALL}`,
  ],
  [
    'a step that is left out',
    '[fence, promote, redirect]',
    `a.yaml:6:19: error: recover.steps: expected every step, found no scale: ${ALL}`,
  ],
  [
    'no step at all',
    '[]',
    `a.yaml:6:19: error: recover.steps: expected every step, found no fence, promote, redirect, scale: ${ALL}`,
  ],
  [
    'a title that is one already',
    '[fence, { manual: promote the standby }, promote, redirect, scale]',
    'a.yaml:6:27: error: recover.steps.1: expected a title of its own, got "promote the standby" again',
  ],
  [
    'something else',
    '[fence, 7, promote, redirect, scale]',
    'a.yaml:6:27: error: recover.steps.1: expected a step of the recovery, { manual: what to do } or { command: [program, argument, …] }; got the number 7',
  ],
  ['a manual step of two lines', '[{ manual: "a\\nb" }, fence, promote, redirect, scale]', ''],
  ['a command without a program', '[{ command: [] }, fence, promote, redirect, scale]', ''],
];

describe('the steps of a recovery in a drill file', () => {
  for (const [what, steps, expected] of WRONG) {
    it(`are refused where there is ${what}`, () => {
      const found = heads(file(steps));
      if (expected === '') expect(found[0]).to.match(/^a\.yaml:6:\d+: error: recover\.steps\.0/);
      else expect(found).to.deep.equal([expected]);
    });
  }

  it('are planned in their order, with what stands among them', () => {
    const text = file(`[fence, ${BY_HAND}, promote, redirect, scale, ${COMMAND}]`);
    expect(heads(text)).to.deep.equal([]);
    const plan = planOf(text);
    expect(plan.recover.steps).to.deep.equal([
      { by: 'drill', step: 'fence' },
      { by: 'person', title: 'Call the provider.', seen: ['./called.sh'] },
      { by: 'drill', step: 'promote' },
      { by: 'drill', step: 'redirect' },
      { by: 'drill', step: 'scale' },
      { by: 'command', title: './warm.sh west', command: ['./warm.sh', 'west'], seen: null },
    ]);
    expect(describePlan(plan).recovery.steps).to.deep.equal([
      'fence east, and prove that it takes no write',
      'by hand: Call the provider. (seen by ./called.sh)',
      'promote west/postgres',
      'redirect the clients to west',
      'scale the app in west to 2',
      'run ./warm.sh west',
    ]);
  });

  it('have a title of one line, whatever stands in their command', () => {
    const text = file('[fence, promote, redirect, scale, { command: [sh, -c, "a\\nb\\x1b"] }]');
    expect(planOf(text).recover.steps!.at(-1)).to.deep.include({ title: 'sh -c a b ' });
  });

  it('leave a plan without them as it was', () => {
    const text = file('[fence, promote, redirect, scale]').replace(/^recover.*\n/m, '');
    expect(planOf(text).recover).not.to.have.property('steps');
  });
});
