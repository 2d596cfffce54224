// However a run ends: a wait that was seen to last longer than its target is a fail, and what
// nobody waited for is not measured.
import { expect } from 'chai';
import type { RunEvent } from '../../src/evidence/event.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { assess } from '../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  goneFor,
  hangs,
  journal,
  plan,
  SPACING_MS,
  TIMES,
  withTargets,
  type EvidenceParts,
  type Op,
  type Service,
} from '../support/evidence/synthetic.ts';

const event = (body: object): RunEvent => body as RunEvent;

const limited = (t: number) =>
  event({ t, event: 'run.limited', reason: 'it took longer than --timeout 20s' });
const interrupted = (t: number) => event({ t, event: 'run.interrupted', by: 'SIGINT' });
const broken = (t: number) =>
  event({
    ...{ t, event: 'environment.failed', what: 'the disk', expected: 'room' },
    ...{ found: 'none', hint: '', log: [] },
  });

/** The clients, closed so long after the fault without having stopped: the rest has no outcome. */
function closedAfter(seen_ms: number, service: Service): Op[] {
  const until_ms = TIMES.faultStarted + seen_ms;
  const ops = drive(service, { until_ms });
  return ops
    .filter(({ kind }) => kind !== 'marker')
    .map((op) => (op.done_ms! > until_ms ? { ...op, outcome: 'unknown', done_ms: null } : op));
}

const NEVER = ['workload.stopped', 'workload.drained', 'marker.written'] as const;

/** A run that ended so long after the fault, while clients had no service. */
function cutShort(
  seen_ms: number,
  end: ((t: number) => RunEvent) | null,
  parts: EvidenceParts & { readonly service?: Service } = {},
) {
  const { service = goneFor(60_000, () => hangs), ...rest } = parts;
  const t = TIMES.faultStarted + seen_ms;
  const never = Object.fromEntries(NEVER.map((name) => [name, null]));
  const events = journal({ ...never, 'verification.checked': null, ...late(t, end) });
  const evidence = evidenceOf({ ops: closedAfter(seen_ms, service), readings: {}, ...rest });
  return assess({ ...evidence, events });
}

function late(t: number, end: ((t: number) => RunEvent) | null) {
  const finished = event({ t: t + 20, event: 'run.finished', wall_ms: t + 20 });
  const cleaned = event({ t: t + 10, event: 'cleanup.ended', clean: true, left: [], ms: 10 });
  return {
    'cleanup.ended': end === null ? null : [cleaned],
    'run.finished': end === null ? [event({ t, event: 'run.noted', text: '' })] : [finished],
    ...(end === null ? {} : { [end(t).event]: [end(t)] }),
  };
}

const to = (rto_ms: number, more: Partial<Plan['targets']> = {}): EvidenceParts => ({
  plan: withTargets({ rto_ms, ...more }),
});

describe('a run that was stopped', () => {
  it('fails where clients had waited longer than the target by then', () => {
    for (const end of [limited, interrupted, null]) {
      const { gates, verdict, reasons } = cutShort(10_000, end, to(5_000));
      const [rto] = gates;
      // Who was asked in the last 350 ms could still have been answered in time.
      expect(rto!.low).to.be.within(9_600, 9_700);
      expect([rto!.verdict, rto!.measured, rto!.high]).to.deep.equal(['fail', null, null]);
      expect(rto!.reason).to.match(/^Service was not back after 9\.6\d? s, over the RTO target/);
      expect(verdict).to.equal(end === interrupted ? 'interrupted' : 'fail');
      expect(reasons).to.contain(rto!.reason);
    }
  });

  it('does not fail where the target lies beyond what was seen, and has no number', () => {
    for (const end of [limited, interrupted, null]) {
      const { gates, verdict, recovery } = cutShort(4_000, end, to(5_000));
      const { verdict: gate, measured, low, high } = gates[0]!;
      expect([gate, measured, low, high]).to.deep.equal(['inconclusive', null, null, null]);
      expect(verdict).to.equal(end === interrupted ? 'interrupted' : 'inconclusive');
      expect(recovery!.stopped_after_ms).to.equal(4_000);
    }
  });

  it('says why once, and not what it never came to', () => {
    const { reasons } = cutShort(10_000, limited, to(5_000));
    expect(reasons.slice(1)).to.deep.equal([
      'The run was stopped early: it took longer than --timeout 20s.',
    ]);
    expect(cutShort(4_000, interrupted, to(5_000)).reasons).to.deep.equal([
      'The run was interrupted by SIGINT.',
    ]);
  });

  it('holds nobody to have waited who could still be answered when it was stopped', () => {
    // All that was asked since the fault is under way: there is no outage yet.
    const { recovery, gates } = cutShort(90, interrupted, to(1));
    expect([recovery!.outages, recovery!.rto_low_ms]).to.deep.equal([[], 0]);
    expect([gates[0]!.verdict, gates[0]!.low]).to.deep.equal(['inconclusive', null]);
  });

  it('does not fail for one wait beside the target, whichever side it is on', () => {
    const seen = cutShort(10_000, limited, to(60_000)).recovery!.rto_low_ms!;
    const at = (rto_ms: number) => cutShort(10_000, limited, to(rto_ms)).gates[0]!.verdict;
    expect([at(seen - SPACING_MS / 2), at(seen)]).to.deep.equal(['fail', 'inconclusive']);
  });

  it('keeps its gates where it was interrupted when all had been measured', () => {
    const { gates, verdict } = assess(
      evidenceOf({ events: journal({ 'run.interrupted': [interrupted(TIMES.cut + 1_900)] }) }),
    );
    expect(verdict).to.equal('interrupted');
    expect(gates.map((gate) => gate.verdict)).to.deep.equal(['pass', 'pass', 'pass']);
  });

  it('judges what was seen to its end as ever', () => {
    const back = { service: goneFor(600) };
    const { gates } = cutShort(10_000, limited, { ...back, ...to(5_000) });
    expect(gates[0]!.measured).to.be.within(595, 605);
    expect(gates[0]!.verdict).to.equal('inconclusive');
    expect(cutShort(10_000, limited, { ...back, ...to(300) }).gates[0]!.verdict).to.equal('fail');
  });
});

describe('a wait that is in doubt', () => {
  const verdictOf = (parts: EvidenceParts, end = limited) =>
    cutShort(10_000, end, { ...to(5_000), ...parts }).gates[0]!.verdict;

  it('is no fail where its ledger is damaged', () => {
    const problems = [{ file: 'ledger.bin', problem: 'its end is torn' }];
    expect(verdictOf({ problems })).to.equal('inconclusive');
  });

  it('is no fail where what broke the run may have kept clients waiting itself', () => {
    const { verdict, gates } = cutShort(10_000, broken, to(5_000));
    expect([verdict, gates[0]!.verdict]).to.deep.equal(['environment', 'inconclusive']);
  });

  it('is no fail where the steady state never was, or the workload stood still', () => {
    const unsteady: Service = (now, index) =>
      now < TIMES.faultStarted && index % 10 !== 0 ? fromEast : hangs;
    const result = cutShort(10_000, limited, { ...to(5_000), service: unsteady });
    expect(result.gates[0]!.verdict).to.equal('inconclusive');
    const whole = closedAfter(
      10_000,
      goneFor(60_000, () => hangs),
    );
    const ops = whole.filter(({ scheduled_ms: at }) => at < 8_000 || at >= 9_000);
    expect(verdictOf({ ops })).to.equal('inconclusive');
  });

  it('is a fail that an end in the failback takes nothing of', () => {
    const failback: Plan = { ...plan, failback: true };
    const started = event({
      ...{ t: TIMES.cut + 1_500, event: 'phase.started', phase: 'failback', at_most_ms: 1 },
    });
    const events = journal({
      'phase.started': [started],
      'run.limited': [limited(TIMES.cut + 1_600)],
    });
    const { gates, verdict } = assess(evidenceOf({ events, plan: failback }));
    expect(gates.map((gate) => gate.verdict)).to.deep.equal(['pass', 'pass', 'pass']);
    expect(verdict).to.equal('inconclusive');
  });
});
