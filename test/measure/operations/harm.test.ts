// An operator's mistake and the restore to the point before it: what went with it on purpose, what
// should have come back, and service that is none while the data is harmed. Planted truths.
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { withoutHarmed } from '../../../src/measure/operations/harm.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Loss } from '../../../src/drill/measurement.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  idOf,
  journal,
  operationsOf,
  plan,
  refuses,
  rowOf,
  SPACING_MS,
  TIMES,
  without,
  type EvidenceParts,
  type Op,
  type Service,
} from '../../support/evidence/synthetic.ts';

const { faultStarted } = TIMES;
/** Between two operations that are due, and none is under way. */
const MISTAKE = faultStarted + 3.5;
const FENCED = faultStarted + 1_000;

const mistakePlan: Plan = {
  ...plan,
  strategy: 'backup-restore',
  faults: [plannedFault('corrupt-data', { statement: 'delete', share: 0.5 })],
  declare: { by: 'after', after_ms: 400 },
  recover: { ...plan.recover, with: 'restore-to-point', target: { by: 'before-fault' } },
};

/** East answers from harmed data until it is fenced; so long after the mistake west does. */
function restoredIn(ms: number): Service {
  return (now) => {
    if (now < FENCED) return fromEast;
    return now < MISTAKE + ms ? refuses : fromWest;
  };
}

const ops = drive(restoredIn(2_000));
const isUndone = ({ node, done_ms }: Op) => node === fromEast.node && done_ms! > MISTAKE;
const undone = acknowledged(ops).filter(isUndone);
const kept = without(acknowledged(ops).map(rowOf), undone);

const event = (body: object): RunEvent => body as RunEvent;
const harmed = event({
  ...{ t: MISTAKE, event: 'data.harmed', statement: 'delete', rows: 400 },
  ...{ lsn: '0/3000060', name: 'before-fault' },
});
const looked = (t: number, ok = true) =>
  event({ t, event: 'data.verified', rows: 400, ok, detail: ok ? '' : '12 of 400 are missing' });

function mistakeEvents(looks: readonly RunEvent[] = [looked(MISTAKE + 2_010)]): RunEvent[] {
  const events = journal({ 'region.down': null }).map((each): RunEvent => {
    return each.event === 'fault.started' ? { ...each, kind: 'corrupt-data' } : each;
  });
  return [...events, harmed, ...looks];
}

function mistaken(parts: EvidenceParts & { looks?: readonly RunEvent[] } = {}) {
  const events = parts.events ?? mistakeEvents(parts.looks);
  const readings = parts.readings ?? { serving: kept };
  // A list of its own: evidence shares the columns of a list, and what masks them is tested here.
  const its = [...(parts.ops ?? ops)];
  return evidenceOf({ plan: mistakePlan, ...parts, ops: its, events, readings });
}

function lossOf(parts: Parameters<typeof mistaken>[0] = {}): Loss {
  return measure(mistaken(parts)).loss!;
}

describe('what a restore to the point before a mistake undoes', () => {
  it('is intended: acknowledged after it, and not there', () => {
    const { classes, rpo } = lossOf();
    expect(undone.length).to.be.greaterThan(190);
    expect(classes).to.include({ intended: undone.length, lost: 0, late: 0 });
    expect(rpo.value).to.equal(0);
    const { verdict, reasons, notes } = assess(mistaken());
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(notes.join()).to.contain(
      `${undone.length} writes acknowledged after the mistake went with it`,
    );
  });

  it('is never what was acknowledged before: that is lost', () => {
    const owed = acknowledged(ops).filter(({ done_ms }) => done_ms! < MISTAKE);
    const gone = owed.slice(-5);
    const loss = lossOf({ readings: { serving: without(kept, gone) } });
    expect(loss.classes).to.include({ intended: undone.length, lost: 5 });
    expect(loss.lost_ids.map(idOf)).to.deep.equal(gone.map(idOf));
  });

  it('is also what was under way at the mistake: it may have committed after it', () => {
    const slow = ops.map((op): Op => {
      return op.scheduled_ms === faultStarted ? { ...op, done_ms: MISTAKE + 1 } : op;
    });
    const gone = slow.filter(({ scheduled_ms }) => scheduled_ms === faultStarted);
    const loss = lossOf({ ops: slow, readings: { serving: without(kept, gone) } });
    expect(loss.classes).to.include({ intended: undone.length + 1, lost: 0 });
  });

  it('is nothing that the restored database acknowledged: the run fails for that', () => {
    const gone = acknowledged(ops).filter(({ node, kind }) => node === fromWest.node && !kind);
    const parts = { readings: { serving: without(kept, gone.slice(7, 9)) } };
    const { loss, failures } = measure(mistaken(parts));
    expect(loss!.classes).to.include({ intended: undone.length, lost: 2 });
    expect(failures.map(({ text }) => text).join()).to.contain(
      '2 writes acknowledged by the new side',
    );
  });

  it('is lost where the recovery was to undo nothing', () => {
    const restoring = { ...mistakePlan.recover, with: 'restore-backup', target: null } as const;
    const loss = lossOf({ plan: { ...mistakePlan, recover: restoring } });
    expect(loss.classes).to.include({ intended: 0, lost: undone.length });
  });

  it('says nothing against the old disk for rows that the mistake had deleted there', () => {
    const gone = acknowledged(ops).slice(10, 14);
    const readings = { serving: without(kept, gone), 'old-primary': without(kept, gone) };
    expect(lossOf({ readings }).second).to.include({ never_durable: 0, agrees: true });
  });

  it('sums up with everything else to the ledger', () => {
    const subset = fc.shuffledSubarray(kept, { minLength: 1 });
    fc.assert(
      fc.property(subset, (serving) => {
        const { classes, outcomes } = lossOf({ readings: { serving } });
        const sum = (counts: Readonly<Record<string, number>>) =>
          Object.values(counts).reduce((total, count) => total + count, 0);
        expect(sum(classes)).to.equal(ops.length);
        expect(sum(outcomes)).to.equal(ops.length);
        const acked = classes.kept + classes.lost + classes.intended;
        expect(acked).to.equal(outcomes.acknowledged);
        expect(classes).to.include({ intended: undone.length, kept: serving.length });
      }),
      { numRuns: 15 },
    );
  });
});

describe('the recovery time after a mistake', () => {
  const rtoOf = (service: Service, looks: readonly RunEvent[]) =>
    measure(mistaken({ ops: drive(service), looks })).recovery!;

  it('begins with the mistake although every request was answered', () => {
    const { rto, outages, longest_gap_ms } = rtoOf(restoredIn(2_000), [looked(MISTAKE + 2_001)]);
    expect(outages).to.have.length(1);
    expect(outages[0]!.opened_ms).to.be.within(MISTAKE - SPACING_MS, MISTAKE + SPACING_MS);
    expect(rto.value).to.be.within(2_003, 2_003 + 2 * SPACING_MS);
    // The gap is what clients saw: answers went on until the fence.
    expect(longest_gap_ms.after).to.be.within(990, 1_010);
  });

  for (const late of [0, 137, 900, 4_000]) {
    it(`ends no earlier than the check that says it is there again, ${late} ms after service`, () => {
      const verified = MISTAKE + 2_000 + late;
      const { rto } = rtoOf(restoredIn(2_000), [looked(verified)]);
      const truth = verified - faultStarted;
      expect(rto.value).to.be.within(truth, truth + 2 * SPACING_MS + 2);
      expect(rto.low).to.be.at.most(truth);
    });
  }

  it('waits for service where that comes last', () => {
    const { rto } = rtoOf(restoredIn(3_000), [looked(MISTAKE + 500)]);
    const truth = MISTAKE + 3_000 - faultStarted;
    expect(rto.value).to.be.within(truth, truth + 2 * SPACING_MS + 2);
  });

  it('goes by the first check that found it, not by those before', () => {
    const looks = [
      looked(MISTAKE + 2_100, false),
      looked(MISTAKE + 2_500),
      looked(MISTAKE + 4_000),
    ];
    const { rto } = rtoOf(restoredIn(2_000), looks);
    expect(rto.value).to.be.within(2_503, 2_503 + 2 * SPACING_MS + 2);
    expect(measure(mistaken({ looks })).failures).to.deep.equal([]);
  });

  it('has no detection: no health check sees harmed data, whatever it sees of the fence', () => {
    const down = event({ t: FENCED, event: 'region.down', region: 'east', detail: 'fenced' });
    const { recovery } = measure(mistaken({ events: [...mistakeEvents(), down] }));
    expect(recovery!.marks.detected).to.equal(null);
    const phases = recovery!.phases.map(({ name }) => name).join(' ');
    expect(phases).to.equal('detect decide fence restore start redirect reconnect stabilise');
    expect(recovery!.phases[0]!.ms).to.equal(null);
    const whole = recovery!.phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
    expect(whole).to.equal(recovery!.rto.value);
  });

  it('masks what was acknowledged meanwhile, and nothing else, also while nothing is verified', () => {
    const operations = operationsOf(ops);
    const harm = { harmed_ms: MISTAKE, verified_ms: MISTAKE + 2_500 };
    const acked = (masked: typeof operations) =>
      ops.filter((_, row) => masked.outcome.at(row) === OUTCOME.acknowledged);
    const during = (until: number) => (op: Op) =>
      op.outcome === 'acknowledged' && !(op.done_ms! >= MISTAKE && op.done_ms! < until);
    const masked = acked(withoutHarmed(operations, harm));
    expect(masked).to.deep.equal(ops.filter(during(MISTAKE + 2_500)));
    const open = acked(withoutHarmed(operations, { ...harm, verified_ms: null }));
    expect(open.filter(({ kind }) => kind !== 'marker')).to.deep.equal(
      ops.filter(during(Infinity)).filter(({ kind }) => kind !== 'marker'),
    );
    expect(withoutHarmed(operations, null)).to.equal(operations);
    expect(operations.outcome).to.deep.equal(operationsOf(ops).outcome);
  });
});

describe('a recovery from a mistake that is not proved', () => {
  it('fails the run when a check said that the rows are not there again', () => {
    const { verdict, reasons, recovery } = assess(
      mistaken({ looks: [looked(8_000, false), looked(9_000, false)] }),
    );
    expect(verdict).to.equal('fail');
    const lacking = 'What the mistake had harmed is not there again: 12 of 400 are missing.';
    expect(reasons).to.include(lacking);
    expect(recovery!.rto_ms).to.equal(null);
  });

  const cases: Readonly<Record<string, readonly [readonly RunEvent[], RegExp]>> = {
    'nobody looked': [mistakeEvents([]), /Nobody looked whether what the mistake had harmed/],
    'nothing says when data was harmed': [
      mistakeEvents().filter((each) => each !== harmed),
      /Nothing says when data was harmed/,
    ],
    'the mistake harmed nothing': [
      mistakeEvents().map((each) => (each === harmed ? event({ ...harmed, rows: 0 }) : each)),
      /The mistake harmed no row/,
    ],
  };
  for (const [title, [events, reason]] of Object.entries(cases)) {
    it(`leaves the run open when ${title}`, () => {
      const { verdict, reasons } = assess(mistaken({ events }));
      expect(reasons.join('\n')).to.match(reason);
      expect(verdict).to.equal('inconclusive');
    });
  }
});
