// The limits of what harms data, ends a fault early or is heard of a silent node: each moment with
// its neighbour, in runs of a few operations.
import { expect } from 'chai';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import {
  harmDoubts,
  harmFailures,
  harmOf,
  withoutHarmed,
} from '../../../src/measure/operations/harm.ts';
import { lastingDoubts } from '../../../src/measure/operations/lasting.ts';
import { silenceDoubts } from '../../../src/measure/operations/silence.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { EAST, evidenceOf, operationsOf, plan, type Op } from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const event = (body: object): RunEvent => body as RunEvent;
const planOf = (...faults: PlannedFault[]): Plan => ({ ...plan, faults });
/** The fault comes at 1,000. */
const begun = [
  event({ t: 998, event: 'fault.started', index: 0, disaster: true, region: 'east' }),
  event({ t: 1_000, event: 'fault.injected', index: 0, detail: '' }),
];

describe('harmed data', () => {
  const mistake = plannedFault('corrupt-data', { statement: 'delete', share: 0.5 });
  const harmed = (t: number, rows = 4) => event({ t, event: 'data.harmed', rows });
  const looked = (t: number, ok = true) =>
    event({ t, event: 'data.verified', ok, detail: 'Two lack.' });
  const of = (events: readonly RunEvent[], its = planOf(mistake)) => {
    const run = new Timeline(its, [...begun, ...events]);
    return { run, disaster: run.disaster! };
  };
  const harm = (...events: RunEvent[]) => {
    const { run, disaster } = of(events);
    return harmOf(run, disaster);
  };

  it('is harmed from the first mistake since the disaster to the first look that found it', () => {
    expect(harm(harmed(997), harmed(998), harmed(1_005))!.harmed_ms).to.equal(998);
    expect(harm(harmed(997))).to.equal(null);
    const looks = [looked(1_099), looked(1_150, false), looked(1_100), looked(1_200)];
    expect(harm(harmed(1_100), ...looks)!.verified_ms).to.equal(1_100);
    expect(harm(harmed(1_100), looked(1_200, false))!.verified_ms).to.equal(null);
  });

  it('is none by a fault that harms none', () => {
    const { run, disaster } = of([harmed(1_001, 0), looked(1_100, false)], plan);
    expect(harmOf(run, disaster)).to.equal(null);
    expect(harmDoubts(run, disaster)).to.deep.equal([]);
    expect(harmFailures(run, disaster)).to.deep.equal([]);
  });

  it('serves nobody from the mistake to just before that look', () => {
    const done = [999, 1_000, 1_099, 1_100];
    const operations = operationsOf(
      done.map((done_ms, at): Op => {
        const id = { writer: 1, sequence: at + 1 };
        return { ...id, scheduled_ms: 990, done_ms, outcome: 'acknowledged' };
      }),
    );
    const outcomes = (verified_ms: number | null) =>
      [...withoutHarmed(operations, { harmed_ms: 1_000, verified_ms }).outcome].map(
        (outcome) => outcome === OUTCOME.acknowledged,
      );
    expect(outcomes(1_100)).to.deep.equal([true, false, false, true]);
    expect(outcomes(null)).to.deep.equal([true, false, false, false]);
    expect([...operations.outcome].every((outcome) => outcome === OUTCOME.acknowledged)).to.equal(
      true,
    );
    expect(withoutHarmed(operations, null)).to.equal(operations);
    const refused = { writer: 1, sequence: 1, scheduled_ms: 990, done_ms: 1_050 };
    const other = operationsOf([{ ...refused, outcome: 'refused' }]);
    const { outcome } = withoutHarmed(other, { harmed_ms: 1_000, verified_ms: null });
    expect([...outcome]).to.deep.equal([OUTCOME.refused]);
  });

  it('is doubted where nothing says when, whether, or that it is there again', () => {
    const doubts = (...events: RunEvent[]) => {
      const { run, disaster } = of(events);
      return harmDoubts(run, disaster);
    };
    expect(doubts(harmed(1_001), looked(1_100, false))).to.deep.equal([]);
    expect(doubts()).to.deep.equal([
      { affects: 'all', reason: 'Nothing says when data was harmed.' },
    ]);
    expect(doubts(harmed(1_001, 0))).to.deep.equal([
      { affects: 'all', reason: 'The mistake harmed no row, so there was no disaster.' },
      {
        ...{ affects: 'recovery', endsEarly: true },
        reason: 'Nobody looked whether what the mistake had harmed was there again.',
      },
    ]);
  });

  it('fails a run in which every look found it lacking', () => {
    const failures = (...events: RunEvent[]) => {
      const { run, disaster } = of([harmed(1_001), ...events]);
      return harmFailures(run, disaster);
    };
    expect(failures(looked(1_100, false), looked(1_200, false))).to.deep.equal([
      {
        code: 'data-not-restored',
        text: 'What the mistake had harmed is not there again: Two lack.',
      },
    ]);
    expect(failures(looked(1_100, false))).to.have.length(1);
    expect(failures(looked(1_100), looked(1_200, false))).to.deep.equal([]);
    expect(failures()).to.deep.equal([]);
  });
});

describe('a fault that is over too soon', () => {
  const partition = plannedFault('lose-region', { how: 'partition', disks: 'kept' });
  const NAME = 'The fault lose-region of region east';
  const said = (events: readonly RunEvent[], all: readonly RunEvent[] = begun) => {
    const doubts = lastingDoubts(new Timeline(planOf(partition), [...all, ...events]));
    return [...new Set(doubts.map(({ reason }) => reason))];
  };
  const seen = (name: string, ok: boolean | null) => ({ name, ok, detail: `${name} answered.` });

  it('is told with everything that a look found, and with what it could not see', () => {
    const checks = [seen('a', false), seen('b', null), seen('c', true), seen('d', false)];
    const look = event({ t: 3_000, event: 'fault.looked', index: 0, checks });
    const other = event({ t: 4_000, event: 'fault.looked', index: 1, checks });
    expect(said([look, other])).to.deep.equal([
      `${NAME} did not last: looked at again 2 s after it was injected: a: a answered; d: d answered.`,
      `${NAME} could not be looked at again: b: b answered.`,
    ]);
    const unseen = { ...look, checks: [seen('a', null), seen('b', null)] } as RunEvent;
    expect(said([unseen])).to.deep.equal([
      `${NAME} could not be looked at again: a: a answered; b: b answered.`,
    ]);
    expect(said([look], begun.slice(0, 1))).to.deep.equal([]); // never injected
  });

  it('is told with three of the things that were gone', () => {
    const healed = (gone: readonly string[], index = 0) =>
      said([event({ t: 3_000, event: 'fault.healed', index, by: 'end', gone })]);
    const gone = `${NAME} did not last: when it was healed, this was gone:`;
    expect(healed(['a', 'b', 'c'])).to.deep.equal([`${gone} a, b, c.`]);
    expect(healed(['a', 'b', 'c', 'd'])).to.deep.equal([`${gone} a, b, c and 1 more.`]);
    expect([healed([]), healed(['a'], 1)]).to.deep.equal([[], []]);
  });

  it('leaves the failback open where it was the fence', () => {
    const lifted = event({ t: 3_000, event: 'fence.lifted', region: 'east', gone: ['a', 'b'] });
    expect(lastingDoubts(new Timeline(planOf(partition), [...begun, lifted]))).to.deep.equal([
      {
        affects: 'failback',
        reason: 'The fence of east did not last: when it was lifted, this was gone: a, b.',
      },
    ]);
  });

  const sampled = (...lags: readonly (readonly [number, number | null])[]) =>
    lags.map(([t, lag_bytes]) => {
      return event({ t, event: 'workload.sampled', store: 'orders', lag_bytes });
    });
  const FELL = `${NAME} did not last: 1.3 s after it was injected the standby’s lag fell from 50 to 40 bytes.`;

  it('is told by a lag that falls a second after it and before its heal', () => {
    const heal = (t: number) => event({ t, event: 'fault.healed', index: 0, by: 'end' });
    const lags = sampled([2_000, 10], [2_100, 20], [2_200, 50], [2_300, 40]);
    expect(said(lags)).to.deep.equal([FELL]);
    expect(said([...lags, heal(2_301)])).to.deep.equal([FELL]);
    expect(said([...lags, heal(2_300)])).to.deep.equal([]);
    const early = sampled([1_999, 10], [2_100, 20], [2_200, 50], [2_300, 40]);
    expect(said(early)).to.deep.equal([]); // one word less that counts
    const twice = sampled([2_000, 20], [2_100, 20], [2_200, 50], [2_300, 40]);
    expect(said(twice)).to.deep.equal([]); // one word, however often it was sampled
    expect(said(lags, begun.slice(0, 1))).to.deep.equal([]);
  });

  it('is not told by the words of no standby, nor by one that has all', () => {
    const after = (...lags: readonly (number | null)[]) =>
      said(sampled([2_000, 1], [2_100, 2], ...lags.map((lag, at) => [2_200 + at, lag] as const)));
    expect(after(50, null, 0, null, 0)).to.deep.equal([]);
    expect(after(50, 60, 60, 70)).to.deep.equal([]);
    expect(after(50, 60, 0)).to.have.length(1);
  });
});

describe('a node that is heard though it is silent', () => {
  const op = (sent_ms: number, done_ms: number, sequence = sent_ms): Op => ({
    ...{ writer: 1, sequence, scheduled_ms: 900, sent_ms, done_ms },
    ...{ outcome: 'acknowledged', node: EAST, timeline: 1 },
  });
  const killed = plannedFault('lose-region', { how: 'kill', disks: 'kept' });
  const heard = (ops: readonly Op[], events: readonly RunEvent[] = [], its = planOf(killed)) => {
    const evidence = evidenceOf({ ops });
    const doubts = silenceDoubts(evidence, new Timeline(its, [...begun, ...events]));
    return [...new Set(doubts.map(({ reason }) => reason))];
  };
  const healed = (t: number, by: 'end' | 'schedule') =>
    event({ t, event: 'fault.healed', index: 0, by });
  const phase = (t: number, name = 'heal') => event({ t, event: 'phase.started', phase: name });

  it('answered what was sent more than 20 ms after the injection', () => {
    expect(heard([op(1_020, 1_030)])).to.deep.equal([]);
    expect(heard([op(1_021, 1_900), op(1_022, 1_500)])).to.deep.equal([
      'The fault lose-region of region east did not last: while its nodes were dead, they answered ' +
        '2 operations that began after it, the first 500 ms after it was injected.',
    ]);
    const evidence = evidenceOf({ ops: [op(1_021, 1_900)] });
    const run = new Timeline(planOf(killed), begun);
    for (const unread of [{ header: null }, { operations: null }]) {
      const stores = evidence.stores.map((store) => ({ ...store, ...unread }));
      expect(silenceDoubts({ ...evidence, stores }, run)).to.deep.equal([]);
    }
  });

  it('is none where clients need not notice the fault', () => {
    const answer = [op(1_100, 1_101)];
    const mistake = plannedFault('corrupt-data', { statement: 'delete', share: 0.5 });
    const between = plannedFault('partition', { link: 'east-west' });
    for (const fault of [mistake, between]) {
      expect(heard(answer, [], planOf(fault)), fault.kind).to.deep.equal([]);
    }
  });

  it('answered before the heal began: with the phase, when it was due, or when it was done', () => {
    const answer = [op(1_100, 1_500)];
    const count = (...events: RunEvent[]) => heard(answer, events).length;
    expect([count(healed(1_501, 'end')), count(healed(1_500, 'end'))]).to.deep.equal([1, 0]);
    expect(count(healed(1_600, 'end'), phase(1_500))).to.equal(0);
    expect(count(healed(1_600, 'end'), phase(1_501))).to.equal(1);
    expect(count(healed(1_600, 'end'), phase(1_400, 'verify'))).to.equal(1);
    expect(count(healed(1_600, 'end'), phase(1_400), phase(1_550))).to.equal(1); // the last one
    expect(count(healed(1_600, 'end'), phase(1_700))).to.equal(1);
    expect([count(healed(1_501, 'schedule')), count(healed(1_500, 'schedule'))]).to.deep.equal([
      ...[1, 0],
    ]);
    const timed = (heal_after_ms: number) =>
      heard(
        answer,
        [healed(1_600, 'schedule'), phase(1_400)],
        planOf({ ...killed, heal_after_ms }),
      );
    expect([timed(501).length, timed(500).length]).to.deep.equal([1, 0]);
  });

  it('answered sooner than nine tenths of the delay both ways, less 20 ms of clocks', () => {
    const slow = plannedFault('latency', { link: 'clients-east', latency_ms: 200 });
    const after = (ms: number, jitter_ms = 0) => {
      const links = { 'clients-east': { latency_ms: 0, jitter_ms } };
      return heard([op(1_100, 1_100 + ms)], [], { ...planOf(slow), links });
    };
    expect(after(340)).to.deep.equal([]);
    expect(after(339)).to.deep.equal([
      'The fault latency of region east did not last: while link clients-east took 200 ms each ' +
        'way, nodes of east answered 1 operation that began after it, sooner than that allows, ' +
        'the first 439 ms after it was injected.',
    ]);
    expect([after(322, 10), after(321, 10).length]).to.deep.equal([[], 1]);
  });
});
