// Everything that must never end in a pass, each with its reason.
import { expect } from 'chai';
import type { RunEvent } from '../../src/evidence/event.ts';
import { assess } from '../../src/verdict/assess.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  fromEast,
  goneFor,
  header,
  journal,
  plan,
  rowOf,
  TIMES,
  type EvidenceParts,
} from '../support/evidence/synthetic.ts';

const ops = drive(goneFor(600));
const result = (parts: EvidenceParts = {}) => assess(evidenceOf({ ops, ...parts }));
const event = (body: object): RunEvent => body as RunEvent;
const failedCheck = [{ name: 'probe', ok: false, detail: 'nothing was seen' }];

describe('a pass is impossible', () => {
  const cases: Readonly<Record<string, EvidenceParts>> = {
    'when a fault was not seen to bite': {
      events: journal({
        'fault.proved': [
          event({ t: 6_000, event: 'fault.proved', index: 0, ok: false, checks: failedCheck }),
        ],
      }),
    },
    'when nobody looked whether a fault bit': { events: journal({ 'fault.proved': null }) },
    'when a fault was not completely injected': { events: journal({ 'fault.injected': null }) },
    'when the disaster never came': { events: journal({ 'fault.started': null }) },
    'without operations': { ops: [] },
    'without a steady phase': { events: journal({ 'steady.ended': null }) },
    'when the steady state was never reached': {
      ops: drive((now, index) =>
        index % 10 === 0 && now < 4_000 ? { outcome: 'unknown', after_ms: 900 } : fromEast,
      ),
    },
    'when a pre-flight check failed': {
      events: journal({
        'preflight.checked': [event({ t: 3_000, event: 'preflight.checked', checks: failedCheck })],
      }),
    },
    'with a damaged ledger': { problems: [{ file: 'ledger.bin', problem: 'its end is torn' }] },
    'with damaged survivors': { problems: [{ file: 'survivors.bin', problem: 'its end is torn' }] },
    'with a damaged journal': {
      problems: [{ file: 'journal.ndjson', problem: 'line 3 is not an event' }],
    },
    'without survivors': { readings: {} },
    'when the marker was not written': { events: journal({ 'marker.written': null }) },
    'when the marker was refused': {
      events: journal({
        'marker.written': [
          event({
            t: 9,
            event: 'marker.written',
            store: 'orders',
            writer: 1,
            sequence: 1,
            node: '',
            ok: false,
            detail: 'no',
          }),
        ],
      }),
    },
    'when the marker is not in the snapshot': {
      readings: {
        serving: acknowledged(ops)
          .filter(({ kind }) => kind !== 'marker')
          .map(rowOf),
      },
    },
    'when rows went missing between the database and the file': {
      events: journal({
        'survivors.read': [
          event({
            t: 9,
            event: 'survivors.read',
            store: 'orders',
            reading: 'serving',
            node: 'w',
            rows: 9,
            timeline: 2,
            ok: true,
          }),
        ],
      }),
    },
    'when the reading of the old disk is gone from the file': {
      events: [
        ...journal(),
        event({
          t: 9,
          event: 'survivors.read',
          store: 'orders',
          reading: 'old-primary',
          node: 'e',
          rows: 9,
          timeline: 1,
          ok: true,
        }),
      ],
    },
    'when operations started late': {
      ops: ops.map((op, at) => (at % 100 === 0 ? { ...op, flags: 2 } : op)),
    },
    'when the workload stood still for a second': {
      ops: ops.filter(({ scheduled_ms }) => scheduled_ms < 5_300 || scheduled_ms >= 6_300),
    },
    'when the workload died before the cut': {
      ops: ops.filter(({ scheduled_ms, kind }) => kind === 'marker' || scheduled_ms < 15_000),
    },
    'when the workload was never drained': { events: journal({ 'workload.drained': null }) },
    'when the runner stood still during the recovery': {
      events: journal({
        'runner.stalled': [event({ t: 5_900, event: 'runner.stalled', ms: 1_000 })],
      }),
    },
    'when the clock jumped': {
      events: journal({
        'clock.jumped': [event({ t: 5_900, event: 'clock.jumped', ms: -60_000 })],
      }),
    },
    'when a part of drill died': {
      events: journal({
        'node.ended': [
          event({ t: 6, event: 'node.ended', node: 'gslb', reason: 'SIGKILL', expected: false }),
        ],
      }),
    },
    'when the fence was not proved': {
      events: journal({
        'fence.proved': [event({ t: 5_400, event: 'fence.proved', checks: failedCheck })],
      }),
    },
    'when the verification found something': {
      events: journal({
        'verification.checked': [
          event({ t: 9, event: 'verification.checked', checks: failedCheck }),
        ],
      }),
    },
    'when the run took longer than it may': {
      events: journal({
        'run.limited': [event({ t: 9, event: 'run.limited', reason: 'too long' })],
      }),
    },
    'when the run broke off before its end': { events: journal({ 'run.finished': null }) },
    'when nothing says that it was cleaned up': { events: journal({ 'cleanup.ended': null }) },
    'when the run was cut before service could be observed': {
      ops: drive(() => fromEast, { until_ms: 6_000 }),
      events: journal({
        'workload.stopped': [event({ t: 6_000, event: 'workload.stopped', store: 'orders' })],
      }),
    },
    'with the evidence of another seed': { plan: { ...plan, seed: plan.seed + 1 } },
  };
  for (const [title, parts] of Object.entries(cases)) {
    it(title, () => {
      const { verdict, reasons } = result(parts);
      expect(verdict).to.equal('inconclusive');
      expect(reasons).to.not.be.empty;
    });
  }

  it('and nothing proves a lie when the ledger is damaged', () => {
    const readings = { serving: [...acknowledged(ops), ops[5]!].map(rowOf) };
    const problems = [{ file: 'ledger.bin', problem: 'a record with a wrong checksum' }];
    expect(result({ readings, problems }).verdict).to.equal('inconclusive');
  });

  it('for the ledger of another run', () => {
    const evidence = evidenceOf({ ops });
    const stores = evidence.stores.map((s) => ({ ...s, header: { ...header, run: 'other' } }));
    expect(assess({ ...evidence, stores }).verdict).to.equal('inconclusive');
  });

  it('for zero loss with hardly any writes before the disaster', () => {
    const few = ops.map((op) => {
      const isBefore = op.scheduled_ms > 3_900 && op.scheduled_ms < TIMES.faultStarted;
      return isBefore && op.kind === undefined ? { ...op, kind: 'read' as const } : op;
    });
    const { verdict, reasons, gates } = result({ ops: few });
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.contain('20 are needed');
    const needing = gates.filter(({ needs }) => needs !== undefined);
    expect(needing.map(({ name }) => name)).to.include('rpo');
    for (const { needs, verdict: its } of needing) {
      expect([its, needs]).to.deep.equal([
        'inconclusive',
        { key: 'workload.rate', rate_per_s: 20 },
      ]);
    }
  });

  it('but a run that is still going on may have met its targets so far', () => {
    const events = journal({ 'run.finished': null, 'cleanup.ended': null });
    expect(assess(evidenceOf({ ops, events }), { soFar: true }).verdict).to.equal('pass');
  });
});
