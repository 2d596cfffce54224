// What ended a run before it was over: in words, and which numbers it leaves open.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { endDoubts, environmentWords } from '../../../src/measure/journal/end-doubts.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { BACK, backEvents, backPlan } from '../../support/evidence/failback-story.ts';
import { journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const { cut, faultStarted } = TIMES;
const limited = (t: number): RunEvent => {
  return { t, event: 'run.limited', reason: 'its time of 20 s is over.' };
};
const interrupted = (t: number): RunEvent => {
  return { t, event: 'run.interrupted', by: 'SIGINT' };
};
const failed = (t: number): RunEvent => {
  return { t, event: 'internal.failed', message: 'x is not a function.' } as RunEvent;
};
const problem = {
  log: [],
  what: 'the disk',
  expected: 'room.',
  found: 'none.',
  hint: 'make room.',
};
const broken = (t: number): RunEvent => ({ t, event: 'environment.failed', ...problem });

/** A run whose clients were never stopped: it ended before that. */
const early = (...ends: RunEvent[]) =>
  endDoubts(new Timeline(plan, [...journal({ 'workload.stopped': null }), ...ends]));
/** A run that came to its cut. */
const whole = (...ends: RunEvent[]) => endDoubts(new Timeline(plan, [...journal(), ...ends]));
const back = (of: typeof plan, ...ends: RunEvent[]) =>
  endDoubts(new Timeline(of, [...journal(), ...backEvents(), ...ends]));

const LIMITED = 'The run was stopped early: its time of 20 s is over.';
const INTERRUPTED = 'The run was interrupted by SIGINT.';

describe('what ended a run', () => {
  it('before its clients had stopped leaves open all that was to come', () => {
    const at = faultStarted + 900;
    expect(early(limited(at), interrupted(at))).to.deep.equal([
      { affects: 'all', reason: LIMITED, endsEarly: true },
      { affects: 'all', reason: INTERRUPTED, endsEarly: true },
    ]);
  });

  it('by breaking it speaks against all that was seen, in words with what to do', () => {
    const at = faultStarted + 900;
    expect(early(broken(at), failed(at))).to.deep.equal([
      { affects: 'all', reason: 'A bug in drill: x is not a function.' },
      { affects: 'all', reason: 'The disk: expected room, found none. Make room.' },
    ]);
  });

  it('once its clients had stopped speaks against nothing that was measured', () => {
    const at = cut + 1_000;
    expect(whole(interrupted(at), broken(at), failed(at))).to.deep.equal([]);
  });

  it('by a limit is told however late it came', () => {
    const doubt = { affects: 'all', reason: LIMITED, endsEarly: true };
    expect(whole(limited(cut + 1_000))).to.deep.equal([doubt]);
  });

  it('in the failback, from its first moment, leaves open the failback and nothing before it', () => {
    for (const at of [BACK.phase, BACK.cut + 5_000]) {
      const doubt = { affects: 'failback', endsEarly: true };
      expect(back(backPlan, limited(at), interrupted(at)), String(at)).to.deep.equal([
        { ...doubt, reason: LIMITED },
        { ...doubt, reason: INTERRUPTED },
      ]);
    }
  });

  it('in the failback of two regions that serve leaves open which rows come back with it', () => {
    const both = { ...backPlan, strategy: 'active-active' } as const;
    expect(back(both, interrupted(BACK.resumed))).to.deep.equal([
      { affects: 'failback', reason: INTERRUPTED, endsEarly: true },
      { affects: 'loss', reason: INTERRUPTED, endsEarly: true },
    ]);
  });
});

describe('the words for what the machine lacked', () => {
  it('keep a command as it is typed, and say nothing where nobody knows what helps', () => {
    const words = (hint: string) => environmentWords({ ...problem, hint });
    expect(words('drill doctor.')).to.equal(
      'The disk: expected room, found none. Try: drill doctor.',
    );
    expect(words('drilling helps')).to.equal(
      'The disk: expected room, found none. Drilling helps.',
    );
    expect(words('')).to.equal('The disk: expected room, found none.');
  });
});
