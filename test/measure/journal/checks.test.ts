// What the checks of a run's journal say of the count of survivors, and what they prove of the run
// itself: planted alone, and what comes of it word by word.
import { expect } from 'chai';
import type { Doubt } from '../../../src/drill/measurement.ts';
import type { CheckResult, RunEvent } from '../../../src/evidence/event.ts';
import {
  drainDoubts,
  failedInFailback,
  runFailures,
  verificationDoubts,
} from '../../../src/measure/journal/run-doubts.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { BACK, backEvents, backPlan } from '../../support/evidence/failback-story.ts';
import { journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const { cut } = TIMES;
const event = (body: object): RunEvent => body as RunEvent;
const bad = (name: string): CheckResult => ({ name, ok: false, detail: 'it is not.' });
const fine: CheckResult = { name: 'fine', ok: true, detail: 'it is' };
const ofLoss = (reason: string): Doubt => ({ affects: 'loss', reason });

type Changes = Parameters<typeof journal>[0];
const run = (changes: Changes, more: readonly RunEvent[] = []) =>
  new Timeline(plan, [...journal(changes), ...more]);

describe('the count of survivors', () => {
  const doubted = (changes: Changes, more: readonly RunEvent[] = []) =>
    verificationDoubts(run(changes, more));
  const checked = (t: number, checks: readonly object[], of: object = {}) =>
    event({ t, event: 'verification.checked', checks, ...of });

  it('is trusted where the database was verified and the old one fenced before', () => {
    expect(doubted({})).to.deep.equal([]);
    expect(doubted({ 'fence.proved': null, 'database.writable': null })).to.deep.equal([]);
  });

  it('is not where neither was, and a verification can still come', () => {
    expect(doubted({ 'verification.checked': null, 'fence.proved': null })).to.deep.equal([
      { ...ofLoss('The serving database was never verified.'), endsEarly: true },
      ofLoss('Nothing proves that the old primary was fenced before the promotion.'),
    ]);
  });

  it('is not where a check failed; one that proves harm has its own words', () => {
    const harm = { ...bad('index'), proves: 'harm' };
    const fence = [event({ t: 5_420, event: 'fence.proved', checks: [bad('dark'), fine] })];
    const verification = [checked(cut, [bad('lag'), harm, fine], { node: 'west/postgres' })];
    expect(doubted({ 'fence.proved': fence, 'verification.checked': verification })).to.deep.equal([
      ofLoss('The data of west/postgres is damaged: index: it is not.'),
      ofLoss('The verification found: lag: it is not.'),
      ofLoss('The fence is not proved: dark: it is not.'),
    ]);
  });

  it('asks nothing of the failback, whose checks are its own', () => {
    const back = new Timeline(backPlan, [
      ...journal(),
      ...backEvents({ 'verification.checked': [checked(BACK.phase, [bad('lag')])] }),
      event({ t: BACK.phase, event: 'fence.proved', checks: [bad('dark')] }),
    ]);
    expect(verificationDoubts(back)).to.deep.equal([]);
    expect(failedInFailback(back)).to.deep.equal(['The verification found: lag: it is not.']);
    const before = [checked(cut, [bad('early')])];
    expect(failedInFailback(run({ 'verification.checked': before }))).to.deep.equal([]);
  });

  it('waits for the last answers of the clients', () => {
    const of = (changes: Changes) => drainDoubts(run(changes), 'orders', 'drill');
    const drained = (in_flight: number) => [
      event({ t: cut + 9, event: 'workload.drained', store: 'orders', in_flight }),
    ];
    expect(of({ 'workload.drained': drained(0) })).to.deep.equal([]);
    expect(of({ 'workload.drained': drained(1) })).to.deep.equal([
      ofLoss('1 operation was still in flight when the survivors were read.'),
    ]);
    expect(of({ 'workload.drained': drained(2) })).to.deep.equal([
      ofLoss('2 operations were still in flight when the survivors were read.'),
    ]);
    const cutOff = 'The clients were cut off before their last answers came: ';
    expect(of({ 'workload.drained': null })).to.deep.equal([
      { ...ofLoss(`${cutOff}writes may still have been under way.`), endsEarly: true },
    ]);
  });
});

describe('what the journal itself proves', () => {
  const failures = (...more: RunEvent[]) =>
    runFailures(new Timeline(backPlan, [...journal(), ...backEvents(), ...more]));
  const fence = (t: number, ...checks: CheckResult[]) =>
    event({ t, event: 'fence.checked', checks });

  it('is nothing where all went well', () => {
    expect(failures(fence(9_000, fine))).to.deep.equal([]);
  });

  it('is a step that failed, of the recovery or, from its beginning, of the failback', () => {
    const step = (t: number) => event({ t, event: 'step.failed', step: 'go', reason: 'no way.' });
    const its = { step: 'go' };
    expect(failures(step(BACK.phase - 1), step(BACK.phase))).to.deep.equal([
      { ...its, code: 'recovery-step-failed', text: 'The recovery step "go" failed: no way.' },
      { ...its, code: 'failback-step-failed', text: 'The failback step "go" failed: no way.' },
    ]);
  });

  it('is a fence that did not hold, each of its checks once, by its last word', () => {
    const last = { ...bad('dark'), detail: 'a reply came' };
    const open = [fence(9_000, bad('dark'), fine), fence(9_500, last, bad('dead'))];
    const told = (when: string) => [
      { code: 'fence-open', text: `The fence did not hold ${when}: dark? a reply came.` },
      { code: 'fence-open', text: `The fence did not hold ${when}: dead? it is not.` },
    ];
    expect(failures(...open)).to.deep.equal(told('to the end of the drill'));
    const healed = event({ t: 9_100, event: 'fault.healed', index: 0, by: 'end' });
    expect(failures(...open, healed)).to.deep.equal(told('when the fault was healed'));
  });

  it('is data that a store found damaged, with its name where that is known', () => {
    const checks = [{ ...bad('index'), proves: 'harm' }, bad('lag')];
    const checked = (t: number, of: object) =>
      event({ t, event: 'verification.checked', checks, ...of });
    const code = 'database-corrupt';
    expect(
      failures(
        checked(cut, { store: 'carts', node: 'west/redis' }),
        checked(BACK.phase, { store: 'orders', node: 'east/postgres' }),
        checked(cut, {}),
      ),
    ).to.deep.equal([
      { code, store: 'redis', text: 'The data of west/redis is damaged: index: it is not.' },
      {
        ...{ code, store: 'postgres' },
        text: 'Failback: The data of east/postgres is damaged: index: it is not.',
      },
      { code, text: 'The data of a node that serves is damaged: index: it is not.' },
    ]);
  });
});
