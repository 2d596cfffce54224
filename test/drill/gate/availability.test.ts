// The share of what clients asked for that was served: planted truths, and what nobody saw.
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Interval } from '../../../src/drill/measurement.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  goneFor,
  hangs,
  journal,
  refuses,
  SPACING_MS,
  TIMES,
  withTargets,
  type EvidenceParts,
  type Op,
} from '../../support/evidence/synthetic.ts';
import { evidenceOfTwo, someCarts, someOrders } from '../../support/evidence/two-stores.ts';

const { faultStarted, cut } = TIMES;
const DUE = (cut - faultStarted) / SPACING_MS;

const availabilityOf = (parts: EvidenceParts): Interval | null =>
  measure(evidenceOf(parts)).recovery!.availability;

const gateOf = (parts: EvidenceParts, availability: number) =>
  assess(evidenceOf({ ...parts, plan: withTargets({ availability }) })).gates.find(
    ({ name }) => name === 'availability',
  )!;

/** Counted once more, by hand, for a disaster that struck at `from_ms`. */
function shareBy(ops: readonly Op[], from_ms: number): number {
  const due = ops.filter(({ kind, scheduled_ms }) => {
    return kind !== 'marker' && scheduled_ms >= from_ms && scheduled_ms < cut;
  });
  const served = due.filter(
    ({ outcome, scheduled_ms, done_ms }) =>
      outcome === 'acknowledged' && done_ms! - scheduled_ms <= 100,
  );
  return served.length / due.length;
}

describe('availability', () => {
  it('is what was served of what was due from the disaster to the cut', () => {
    const unserved = 600 / SPACING_MS;
    const { value, low, high } = availabilityOf({ ops: drive(goneFor(600)) })!;
    expect(value).to.equal((DUE - unserved) / DUE);
    // One operation was due while the disaster was injected.
    expect(low).to.equal((DUE - unserved) / DUE);
    expect(high).to.equal((DUE - unserved) / (DUE - 1));
  });

  it('is 1 where everything was served, and 0 where nothing was', () => {
    const all = { value: 1, low: 1, high: 1 };
    expect(availabilityOf({ ops: drive(() => fromWest) })).to.deep.equal(all);
    const none = { value: 0, low: 0, high: 0 };
    const gone = (now: number) => (now < faultStarted ? fromEast : refuses);
    expect(availabilityOf({ ops: drive(gone) })).to.deep.equal(none);
  });

  it('counts what was answered too late, never answered and never sent as not served', () => {
    const kinds = [
      { ...fromWest, after_ms: 500 },
      hangs,
      { outcome: 'unsent', after_ms: 0 } as const,
    ];
    for (const kind of kinds) {
      const ops = drive((now, index) =>
        now >= faultStarted && index % 10 === 0 ? kind : fromWest,
      );
      expect(availabilityOf({ ops })!.value, kind.outcome).to.equal(0.9);
    }
  });

  it('holds the truth whenever in the injection the disaster struck', () => {
    const fates = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(
        fates,
        fc.integer({ min: 0, max: 90 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (served, ms, at) => {
          const ops = drive((now, index) => {
            if (now < faultStarted) return fromEast;
            return served[index % served.length] ? fromWest : refuses;
          });
          const injected: EvidenceParts['events'] = journal({
            'fault.injected': [
              { t: faultStarted + ms, event: 'fault.injected', index: 0, detail: '' },
            ],
          });
          const { value, low, high } = availabilityOf({ ops, events: injected })!;
          const truth = shareBy(ops, faultStarted + at * ms);
          expect(low! <= truth && truth <= high!, `${low} ${truth} ${high}`).to.equal(true);
          expect(low! <= value! && value! <= high!).to.equal(true);
          expect(value).to.equal(shareBy(ops, faultStarted));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('counts the operations of all stores', () => {
    const evidence = evidenceOfTwo();
    const { recovery } = measure(evidence);
    const ops = [...someOrders.ops, ...someCarts.ops];
    expect(recovery!.availability!.value).to.equal(shareBy(ops, faultStarted));
  });

  it('is not known where nobody saw the clients stop', () => {
    const events = journal({ 'workload.stopped': null });
    expect(availabilityOf({ events })).to.equal(null);
    const gate = gateOf({ events }, 0.5);
    expect(gate).to.include({ verdict: 'inconclusive', measured: null });
  });

  it('passes at its least, fails under it, and is open in between', () => {
    const ops = drive(goneFor(600));
    const { low, high } = availabilityOf({ ops })!;
    expect(gateOf({ ops }, low!)).to.include({ verdict: 'pass', bound: 'at least', reason: null });
    expect(gateOf({ ops }, (low! + high!) / 2).verdict).to.equal('inconclusive');
    expect(gateOf({ ops }, high!).verdict).to.equal('inconclusive');
    const missed = gateOf({ ops }, 0.98);
    expect(missed.verdict).to.equal('fail');
    expect(missed.reason).to.equal(
      'Availability 96 % is 2 points under its target of at least 98 %.',
    );
  });

  it('is left open by what casts doubt on the recovery', () => {
    const limited = { t: 6_000, event: 'run.limited', reason: 'too long' } as const;
    const events = [...journal(), limited];
    expect(gateOf({ events }, 0.5).verdict).to.equal('inconclusive');
  });

  it('has no gate where the file states none', () => {
    const names = assess(evidenceOf()).gates.map(({ name }) => name);
    expect(names).not.to.include('availability');
  });
});
