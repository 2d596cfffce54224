// Conditions under which a disaster takes place, pre-flight checks that warn only, and a planned move
// of service in place of a disaster.
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { basePlan } from '../../support/plan/base-plan.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  journal,
  plan,
  refuses,
  rowOf,
  SPACING_MS,
  TIMES,
  type EvidenceParts,
} from '../../support/evidence/synthetic.ts';

const { steadyFrom, steadyTo, faultStarted } = TIMES;
const event = (body: object): RunEvent => body as RunEvent;
const bad = [{ name: 'archive of east', ok: false, detail: '12 segments failed' }];
const ok = [{ name: 'archive', ok: true, detail: 'it failed' }];
const reasonsOf = (parts: EvidenceParts) => assess(evidenceOf(parts)).reasons.join('\n');

describe('a condition of a disaster', () => {
  const condition = { beforehand: true, disaster: false, at_ms: 0 };
  const broken = plannedFault('break-archive', {}, condition);
  const conditioned: Plan = { ...plan, faults: [broken, { ...basePlan.faults[0]!, index: 1 }] };
  /** The disaster is the second fault of the plan then. */
  const moved = journal().map((each): RunEvent => {
    const isOfFault = each.event.startsWith('fault.');
    return isOfFault ? event({ ...each, index: 1 }) : each;
  });
  const begun = (t: number) =>
    event({
      ...{ t, event: 'fault.started', index: 0, kind: 'break-archive' },
      ...{ region: 'east', disaster: false },
    });
  const done = (t: number) => event({ t, event: 'fault.injected', index: 0, detail: '' });
  const proved = (isSeen: boolean) => {
    const checks = isSeen ? ok : bad;
    return event({ t: steadyFrom - 20, event: 'fault.proved', index: 0, ok: isSeen, checks });
  };
  const inTime = [begun(steadyFrom - 50), done(steadyFrom - 40)];
  const run = (...events: RunEvent[]) => ({ plan: conditioned, events: [...moved, ...events] });

  it('that was in place and seen to bite leaves the drill as it is', () => {
    const { verdict, reasons, recovery } = assess(evidenceOf(run(...inTime, proved(true))));
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(recovery!.marks['fault_started']).to.equal(faultStarted);
  });

  const open: Readonly<Record<string, readonly [readonly RunEvent[], RegExp]>> = {
    'was never seen to bite': [inTime, /break-archive of region east was never seen to bite/],
    'did not bite': [[...inTime, proved(false)], /did not bite: archive of east: 12 segments/],
    'was never injected': [[], /break-archive of region east was planned and never injected/],
    'was never completely injected': [
      [begun(steadyFrom - 50), proved(true)],
      /break-archive of region east was never completely injected/,
    ],
    'came after the steady state had begun': [
      [begun(steadyFrom + 5), done(steadyFrom + 9), proved(true)],
      /came after the steady state had begun/,
    ],
  };
  for (const [title, [events, reason]] of Object.entries(open)) {
    it(`leaves the run open when it ${title}`, () => {
      expect(assess(evidenceOf(run(...events))).verdict).to.equal('inconclusive');
      expect(reasonsOf(run(...events))).to.match(reason);
    });
  }

  it('hits no container that a witness would have to see', () => {
    const up = event({
      ...{ t: 1, event: 'topology.up', runtime: 'compose', postgres: '18', proxy: 'toxiproxy' },
      ...{ settings: {}, endpoints: [], nodes: [] },
    });
    const seen = ['postgres', 'app-1'].map((node) =>
      event({
        ...{ t: faultStarted + 1, event: 'node.witnessed', node: `east/${node}` },
        ...{ action: 'die', error_ms: 0.1 },
      }),
    );
    expect(reasonsOf(run(...inTime, proved(true), up, ...seen))).to.equal('');
    expect(reasonsOf(run(...inTime, proved(true), up))).to.contain('never said that east/postgres');
  });
});

describe('pre-flight checks', () => {
  const failed = event({ t: steadyTo, event: 'preflight.checked', checks: bad });
  const events = journal({ 'preflight.checked': [failed] });
  const warned = { ...plan, preflight: 'warn' } as const;

  it('that failed are notes where the file says to go on', () => {
    const { verdict, notes } = assess(evidenceOf({ events, plan: warned }));
    expect(verdict).to.equal('pass');
    const told =
      'The check before the fault warned, and the drill went on (preflight: warn): archive of east: 12 segments failed.';
    expect(notes).to.include(told);
  });

  it('that failed leave every other run open', () => {
    const { verdict, notes } = assess(evidenceOf({ events }));
    expect(verdict).to.equal('inconclusive');
    expect(notes.join()).to.not.contain('preflight: warn');
  });

  it('that failed come before what follows from them', () => {
    const problem = 'it was never closed, so operations may be missing at its end';
    const before = events.filter(({ t }) => t < faultStarted);
    const parts = { events: before, problems: [{ file: 'ledger.bin', problem }] };
    const { reasons } = assess(evidenceOf(parts));
    const check = reasons.findIndex((one) => one.startsWith('The pre-flight check failed: '));
    const ledger = reasons.findIndex((one) => one.startsWith('ledger.bin is damaged: '));
    expect([check >= 0, check < ledger]).to.deep.equal([true, true]);
  });

  it('that failed beside a stall are told after it: it may have been its doing', () => {
    const reasonsWith = (ms: number) => {
      const stall = event({ t: steadyTo - 1, event: 'runner.stalled', ms });
      const all = [...events, stall].toSorted((a, b) => a.t - b.t);
      return assess(evidenceOf({ events: all })).reasons;
    };
    const told = reasonsWith(700);
    const at = told.findIndex((one) =>
      one.startsWith('Drill itself did not get to run for 700 ms'),
    );
    expect(told[at], told.join('\n')).to.include('before the fault: the machine was busy');
    expect(told[at + 1]).to.match(/^The pre-flight check failed: /);
    expect(reasonsWith(100).join()).to.not.include('did not get to run');
  });

  it('that failed are told after the longest stall since the steady state began, or the run', () => {
    const stall = (t: number, ms: number) => event({ t, event: 'runner.stalled', ms });
    const first = (...all: RunEvent[]) => assess(evidenceOf({ events: all })).reasons[0];
    const told = (ms: number) => new RegExp(`^Drill itself did not get to run for ${ms} ms before`);
    const before = stall(steadyFrom - 1, 950);
    const during = [stall(2_000, 600), stall(steadyTo - 1, 900)];
    expect(first(...events, before, ...during)).to.match(told(900));
    expect(first(...events, ...during.toReversed())).to.match(told(900));
    expect(first(...events, before)).to.match(/^The pre-flight check failed: /);
    const unsteady = events.filter((each) => each.event !== 'steady.started');
    expect(first(...unsteady, before, stall(-1, 990))).to.match(told(950));
  });

  it('have to be made all the same', () => {
    const unchecked = journal({ 'preflight.checked': null });
    expect(assess(evidenceOf({ events: unchecked, plan: warned })).verdict).to.equal(
      'inconclusive',
    );
  });
});

describe('a planned move of service', () => {
  const planned: Plan = {
    ...plan,
    faults: [plannedFault('maintenance', {})],
    recover: { ...plan.recover, with: 'switch-over' },
  };
  const moving = (pause_ms: number) =>
    drive((now) => {
      if (now < faultStarted + 450) return fromEast;
      return now < faultStarted + 450 + pause_ms ? refuses : fromWest;
    });
  const events = journal().map((each): RunEvent => {
    return each.event === 'fault.started' ? { ...each, kind: 'maintenance' } : each;
  });
  const run = (pause_ms: number) => evidenceOf({ ops: moving(pause_ms), events, plan: planned });

  it('says how long clients paused, be it too short for an outage', () => {
    const { recovery, notes, verdict, reasons } = assess(run(25));
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(recovery!.rto_ms).to.equal(0);
    expect(recovery!.longest_gap_ms).to.be.within(25, 25 + 2 * SPACING_MS);
    expect(notes[0]).to.match(
      /^The planned move paused clients for 3\d ms, 5 ms at most before it/,
    );
  });

  it('is timed like a recovery, from its beginning, without a detection', () => {
    const { recovery } = measure(run(300));
    expect(recovery!.rto.value).to.be.within(750, 750 + SPACING_MS + 10);
    expect(recovery!.marks.detected).to.equal(null);
    expect(recovery!.phases[0]).to.deep.equal({ name: 'detect', ms: null });
    const whole = recovery!.phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
    expect(whole).to.equal(recovery!.rto.value);
  });

  it('may lose nothing where the file says so', () => {
    const ops = moving(300);
    const serving = acknowledged(ops).slice(3).map(rowOf);
    const strict = { ...planned, targets: { ...planned.targets, lost_writes: 0 } };
    const { loss, verdict, reasons } = assess(
      evidenceOf({ ops, events, plan: strict, readings: { serving } }),
    );
    expect([loss!.lost, verdict]).to.deep.equal([3, 'fail']);
    expect(reasons.join()).to.contain('Lost writes: 3, and none is allowed.');
  });
});

describe('destroyed disks', () => {
  it('have no second opinion, and that is why', () => {
    const destroyed = plannedFault('lose-region', { how: 'kill', disks: 'destroyed' });
    const { loss } = measure(evidenceOf({ plan: { ...plan, faults: [destroyed] } }));
    expect(loss!.second).to.equal(null);
    expect(loss!.second_missing).to.equal('the disks of region east were destroyed');
  });

  it('are no reason where a region lived on', () => {
    const cutOff = plannedFault('lose-region', { how: 'partition', disks: 'destroyed' });
    const { loss } = measure(evidenceOf({ plan: { ...plan, faults: [cutOff] } }));
    expect(loss!.second_missing).to.equal("the old primary's disk was not read");
  });
});

describe('a part that ended', () => {
  const ended = (node: string, expected: boolean) =>
    event({ t: faultStarted + 10, event: 'node.ended', node, reason: 'exit code 1', expected });
  const reasonsWith = (node: string, expected: boolean) =>
    reasonsOf({ events: [...journal(), ended(node, expected)] });

  it("by itself is a doubt where it is drill's own, and part of the story where it is not", () => {
    expect(reasonsWith('proxy', false)).to.contain('The proxy, a part of drill, ended by itself');
    expect(reasonsWith('east/postgres', false)).to.equal('');
  });

  it('as it was meant to is no doubt, whosever it is', () => {
    for (const node of ['proxy', 'east/postgres']) expect(reasonsWith(node, true)).to.equal('');
  });
});

describe('a region that is held to be down before its disaster', () => {
  const down = event({ t: faultStarted - 300, event: 'region.down', region: 'east', detail: '' });
  const up = event({ t: faultStarted - 100, event: 'region.up', region: 'east' });
  const other = event({ t: faultStarted - 300, event: 'region.down', region: 'west', detail: '' });
  const about = (...events: RunEvent[]) => reasonsOf({ events: [...journal(), ...events] });

  it('was not detected by the drill, so that its time is too short', () => {
    expect(about()).to.equal('');
    expect(about(down)).to.contain('Region east was held to be down before the disaster');
    expect(about(down, up)).to.equal('');
    expect(about(other)).not.to.contain('before the disaster');
  });
});
