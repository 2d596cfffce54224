// Times of a system of somebody's own: phases by marks of steps that drill saw to be so, and the
// recovery time from when the fault was seen to bite.
import { expect } from 'chai';
import { NO_EFFECT } from '../../../src/drill/fault/fault.ts';
import type { Recovery } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { laterTargets } from '../../../src/drill/gate/targets.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { largestOf } from '../../../src/measure/causes/charge.ts';
import { decisionStretches } from '../../../src/measure/causes/procedure.ts';
import { marksOf, phasesOf } from '../../../src/measure/service/phases.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { gatesOf } from '../../../src/verdict/gates.ts';
import { notesOf } from '../../../src/verdict/notes.ts';
import {
  measureSmall,
  SMALL,
  smallDrive,
  smallJournal,
  smallPlan,
} from '../../support/evidence/small.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { fromEast, fromWest, refuses } from '../../support/evidence/synthetic.ts';

const { faultStarted } = SMALL;
const own: Plan = {
  ...smallPlan,
  strategy: 'own-system',
  recover: { ...smallPlan.recover, with: 'commands' },
  declare: { by: 'after', after_ms: 30 },
};
const NEVER = {
  'region.down': null,
  'fence.proved': null,
  'app.ready': null,
  'gslb.redirected': null,
};
const marked = (t: number, mark: string, ok = true, step = `the step ${mark}`) =>
  ({ t, event: 'step.marked', step, mark, ok, detail: 'east/db1: took a write' }) as RunEvent;

function told(more: readonly RunEvent[]) {
  const run = new Timeline(own, smallJournal(NEVER, more));
  const marks = marksOf(run, run.disaster!, { first_success: 402, sustained: 410 });
  const phases = Object.fromEntries(phasesOf(marks, 410, own.strategy).map((p) => [p.name, p.ms]));
  return { marks, phases, run };
}
const sum = (phases: Readonly<Record<string, number | null>>) =>
  Object.values(phases).reduce((total: number, ms) => total + (ms ?? 0), 0);

describe('the decision about somebody’s own system', () => {
  const slow = (declare: Plan['declare'], injected: number, declared: number) => {
    const moments = { 'fault.injected': injected, 'disaster.declared': declared };
    const faults = own.faults.map((fault) => ({ ...fault, effect: NO_EFFECT }));
    const planned = { ...own, declare, faults };
    const run = new Timeline(planned, smallJournal({ ...NEVER, ...moments }));
    const span = { from_ms: faultStarted, to_ms: declared };
    const found = largestOf(span, decisionStretches(run, span));
    return found === null ? null : [found.kind, found.ms];
  };
  const after = { by: 'after', after_ms: 5_000 } as const;

  it('is waited for from when the fault is injected, however long that took', () => {
    expect(slow(after, 451, 5_452)).to.deep.equal(['declared-after', 5_001]);
    expect(slow({ by: 'automatic' }, 740, 741)).to.deep.equal(['fault-injection', 440]);
  });

  it('is not explained by a fault that was injected later, nor by a wait of another length', () => {
    expect(slow({ by: 'automatic' }, 800, 741)).to.equal(null);
    expect(slow(after, 451, 5_952)).to.equal(null);
  });
});

describe('the phases of somebody’s own system', () => {
  it('are one from the declaration until another server takes writes, without marks', () => {
    const { phases } = told([]);
    expect(phases).to.include({ decide: 31, failover: 19, reconnect: 52, stabilise: 8 });
    expect(phases).to.include({ fence: null, redirect: null });
    expect(sum(phases)).to.equal(410 - faultStarted);
  });

  it('are split where steps are marked, and drill saw the same', () => {
    const all = [marked(340, 'fenced'), marked(348, 'writable'), marked(375, 'redirected')];
    const { phases, marks } = told(all);
    expect(marks).to.include({ fenced: 340, writable: 348, redirected: 375 });
    expect(phases).to.include({ fence: 9, promote: 8, redirect: 27, reconnect: 27, stabilise: 8 });
    expect(phases).not.to.have.property('failover');
    expect(sum(phases)).to.equal(410 - faultStarted);
  });

  it('are those of drill’s own look where it came first, or where the mark is not so', () => {
    expect(told([marked(380, 'writable')]).marks.writable).to.equal(350);
    expect(told([marked(340, 'writable', false)]).marks.writable).to.equal(350);
    const { marks, phases, run } = told([
      marked(340, 'fenced', false),
      marked(375, 'redirected', false),
    ]);
    expect(marks).to.include({ fenced: null, redirected: null });
    expect(phases).to.have.property('failover', 19);
    expect(sum(phases)).to.equal(410 - faultStarted);
    expect(notesOf(run, measureSmall()).join('\n')).to.contain(
      'The step "the step fenced" is marked fenced, and drill looked after it and saw otherwise: ' +
        'east/db1: took a write.',
    );
  });

  it('end with no other server, where only the lost primary came back', () => {
    const seen = { event: 'server.seen', state: 'primary', timeline: 1, detail: '' } as const;
    const { marks, phases } = told([{ t: 1, node: 'west/postgres', ...seen }]);
    expect(marks.writable).to.equal(null);
    expect(phases).to.include({ decide: 31, failover: null });
    expect(sum(phases)).to.equal(410 - faultStarted);
  });

  it('take no time where the next was over before: another server took writes unfenced', () => {
    const { phases } = told([marked(348, 'writable'), marked(360, 'fenced')]);
    expect(phases).to.include({ fence: 29, promote: 0 });
    expect(sum(phases)).to.equal(410 - faultStarted);
  });

  it('have no mark of a failback', () => {
    expect(told([marked(SMALL.cut + 1, 'fenced')]).marks.fenced).to.equal(null);
  });
});

describe('the recovery time from when the fault was seen to bite', () => {
  const seen = (not_yet_ms: number, asked_ms: number, t: number) =>
    ({ t, event: 'fault.seen', index: 0, not_yet_ms, asked_ms }) as RunEvent;
  const gate = (more: readonly RunEvent[], rto_ms: number, parts = {}) => {
    const figures = measureSmall({ plan: own, events: smallJournal({}, more), ...parts });
    const targets = laterTargets({ ...own.targets, rto_ms, rto_from: 'effect' });
    const judged = gatesOf(targets, figures).find(({ name }) => name === 'rto')!;
    return { figures, judged, recovery: figures.recovery as Recovery };
  };

  it('is counted from that look, its ends from what it leaves open', () => {
    const { recovery, judged } = gate([seen(310, 320, 324)], 80);
    const { rto } = recovery;
    const since = (ms: number) => rto.value! - (ms - faultStarted);
    const { value, low, high } = recovery.rto_from_effect!;
    expect(value).to.equal(since(320));
    expect(high).to.equal(since(310));
    expect(low).to.equal(395 - 324); // the last that was refused
    expect(judged).to.include({ measured: value, low, high });
  });

  it('passes only where the whole of it does', () => {
    const at = [seen(310, 320, 324)];
    const { value, high } = gate(at, 80).recovery.rto_from_effect!;
    expect(gate(at, high!).judged.verdict).to.equal('pass');
    expect(gate(at, value!).judged.verdict).to.equal('inconclusive');
    expect(gate(at, 60).judged.verdict).to.equal('fail');
  });

  it('is counted from the first of several that came at once, and reaches to the last', () => {
    const run = {
      ...{ kind: 'command', run: ['a'], undo: ['b'], arm: null, disarm: null },
    } as const;
    const fault = (index: number) =>
      plannedFault('command', {
        ...{ ...run, region: 'east', title: `${index}`, starts: 'call', takes_at_most_ms: 1 },
        ...{ seen: { by: 'refuses', where: 'east/db1' } },
      });
    const faults = [0, 1].map((index) => ({ ...fault(index), index, disaster: index === 0 }));
    const late = { t: 345, event: 'fault.injected', index: 1, detail: '' } as RunEvent;
    const other = { ...seen(340, 341, 344), index: 1 } as RunEvent;
    const events = smallJournal({}, [seen(310, 320, 324), other, late]);
    const { disaster } = new Timeline({ ...own, faults }, events);
    expect(disaster).to.deep.include({
      injected_ms: 345,
      bitten: { not_yet_ms: 310, asked_ms: 320, seen_ms: 344 },
    });
  });

  it('proves nothing where nobody saw the fault bite, or service was back before', () => {
    const never = gate([], 10_000).judged;
    expect(never).to.include({ verdict: 'inconclusive' });
    expect(never.reason).to.contain('never seen to bite');
    const late = gate([seen(500, 510, 520)], 10_000).judged;
    expect(late).to.include({ verdict: 'inconclusive' });
    expect(late.reason).to.contain('back before the fault was seen to bite');
  });

  it('fails where service never came back, however late the fault bit', () => {
    const gone = (now: number) => (now < faultStarted ? fromEast : refuses);
    const { judged } = gate([seen(310, 320, 324)], 100, { ops: smallDrive(gone) });
    expect(judged).to.include({ verdict: 'fail', measured: null });
  });

  it('is none where there was no outage', () => {
    const moved = (now: number) => {
      if (now < faultStarted) return fromEast;
      return now < faultStarted + 5 ? refuses : fromWest;
    };
    const { judged } = gate([], 100, { ops: smallDrive(moved) });
    expect(judged, String(judged.reason)).to.include({ verdict: 'pass', measured: 0 });
  });
});
