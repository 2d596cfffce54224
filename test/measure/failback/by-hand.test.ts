// The second count of a store, by a handful of writes: which of them a failback owes, what it lost,
// and what nothing is proved of.
import { expect } from 'chai';
import type { Failure } from '../../../src/measure/measured.ts';
import type { Doubt, Loss } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { StoreEvidence } from '../../../src/evidence/evidence.ts';
import { MARKER_WRITER, type Outcome } from '../../../src/evidence/ledger/operation.ts';
import { classesOf, measureFailbackLoss } from '../../../src/measure/failback/failback-loss.ts';
import { CLASS_NAMES } from '../../../src/drill/measurement.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import {
  BACK,
  backEvents,
  backPlan,
  evidenceOfBack,
} from '../../support/evidence/failback-story.ts';
import { idOf, journal, rowOf, TIMES, WEST, type Op } from '../../support/evidence/synthetic.ts';

const marker = (sequence: number, scheduled_ms: number): Op => {
  return { kind: 'marker', writer: MARKER_WRITER, sequence, scheduled_ms, outcome: 'acknowledged' };
};
const markers = [marker(1, TIMES.cut + 1_100), marker(2, BACK.cut + 1_100)] as const;
/** As many writes, each acknowledged by west just before the move. */
const many = (count: number): Op[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ writer: 1, sequence: 100 + at, scheduled_ms: BACK.moving - 500 + at },
    ...{ outcome: 'acknowledged' as const, node: WEST, timeline: 2 },
  }));
const early = (outcome: Outcome): Op => ({ writer: 7, sequence: 1, scheduled_ms: 500, outcome });
const late = (outcome: Outcome): Op => {
  return { writer: 7, sequence: 2, scheduled_ms: BACK.resumed, outcome };
};

interface Parts {
  readonly before?: readonly Op[];
  readonly after?: readonly Op[];
  /** What is missing at the cut and after the failback. */
  readonly goneAtCut?: readonly Op[];
  readonly goneAfter?: readonly Op[];
  /** What is not as it was sent after it. */
  readonly altered?: readonly Op[];
  /** What is there twice after it, or should not be. */
  readonly besides?: readonly Op[];
  readonly plan?: Plan;
  readonly events?: readonly RunEvent[];
  readonly files?: readonly Doubt[];
  readonly change?: (from: StoreEvidence) => StoreEvidence;
}

function evidence({ besides = [], altered = [], ...parts }: Parts) {
  const { goneAtCut = [], goneAfter = [] } = parts;
  const before = [...(parts.before ?? []), markers[0]];
  const after = [...(parts.after ?? many(20)), markers[1]];
  const rows = (ops: readonly Op[], gone: readonly Op[]) =>
    ops.filter((op) => {
      const isDenied = op.outcome === 'refused' || op.outcome === 'unsent';
      return op.kind !== 'read' && !isDenied && !gone.includes(op);
    });
  const serving = rows(before, goneAtCut).map(rowOf);
  const last = [...rows([...before, ...after], goneAfter), ...besides].map((op) => {
    return altered.includes(op) ? { ...rowOf(op), digest_low: 1 } : rowOf(op);
  });
  const { plan = backPlan, events = backEvents() } = parts;
  return evidenceOfBack({ before, after, serving, last, plan, events });
}

interface Found {
  readonly loss: Loss | null;
  readonly reasons: readonly string[];
  readonly failures: readonly Failure[];
}

function count(parts: Parts = {}): Found {
  const whole = evidence(parts);
  const run = new Timeline(whole.plan, whole.events);
  const basis = { run, disaster: run.disaster!, files: parts.files ?? [], nameOf: () => null };
  const start = { region: 'west', started_ms: BACK.moving };
  const from = parts.change?.(whole.stores[0]!) ?? whole.stores[0]!;
  const { value, doubts, failures } = measureFailbackLoss(basis, from, start);
  for (const { affects, store } of doubts)
    expect([affects, store]).to.deep.equal(['loss', 'orders']);
  return { loss: value.loss, reasons: doubts.map(({ reason }) => reason), failures };
}

const FINE = { reasons: [], failures: [] };

describe('the second count', () => {
  it('owes what was there at the cut and what came since', () => {
    const { loss, ...rest } = count({ before: [early('acknowledged')], after: many(20) });
    expect(rest).to.deep.equal(FINE);
    expect(loss!.outcomes).to.deep.equal({ acknowledged: 23, refused: 0, unknown: 0, unsent: 0 });
    expect(loss!.classes).to.include({ kept: 23, lost: 0 });
    expect(loss!.second_missing).to.equal('a planned move of service leaves no dead disk to ask');
  });

  it('owes nothing that was gone at the cut, or denied and never there', () => {
    const gone = early('acknowledged');
    const parts = { before: [gone], goneAtCut: [gone], goneAfter: [gone] };
    const { loss, ...rest } = count(parts);
    expect([loss!.classes.lost, loss!.outcomes.acknowledged]).to.deep.equal([0, 22]);
    expect(rest).to.deep.equal(FINE);
    for (const outcome of ['refused', 'unsent'] as const) {
      expect(count({ before: [early(outcome)] }).loss!.outcomes[outcome]).to.equal(0);
      expect(count({ after: [...many(20), late(outcome)] }).loss!.outcomes[outcome]).to.equal(1);
    }
  });

  it('fails for what was denied before the cut and is there now', () => {
    for (const outcome of ['refused', 'unsent'] as const) {
      const denied = early(outcome);
      const { loss, failures, reasons } = count({ before: [denied], besides: [denied] });
      expect([loss!.classes.unexpected, loss!.outcomes[outcome]]).to.deep.equal([1, 1]);
      expect(failures.map(({ code }) => code)).to.deep.equal(['write-unexpected']);
      expect(reasons).to.deep.equal([]);
    }
  });

  it('fails for what was lost, by name: one, and five of six', () => {
    const all = many(26);
    const lost = (gone: readonly Op[]) => count({ after: all, goneAfter: gone });
    const ids = all.slice(0, 5).map(idOf).join(', ');
    const told = [1, 6].map((some) => lost(all.slice(0, some)).failures);
    const fact = { code: 'write-lost-in-failback', store: 'postgres' };
    expect(told).to.deep.equal([
      [{ ...fact, text: `1 acknowledged write was lost in it: ${idOf(all[0]!)}.` }],
      [{ ...fact, text: `6 acknowledged writes were lost in it: ${ids} and 1 more.` }],
    ]);
  });

  it('says of a promised write that it is lost, and not that it went away', () => {
    const kept = early('acknowledged');
    const { reasons, loss } = count({ before: [kept], goneAfter: [kept] });
    expect([reasons, loss!.classes.lost]).to.deep.equal([[], 1]);
  });

  it('knows which writes are of the drill in whatever order the ledger has them', () => {
    const [later, kept] = [late('acknowledged'), early('acknowledged')];
    const mixed = { before: [later, kept], goneAtCut: [later] };
    expect(count({ ...mixed, goneAfter: [kept] }).loss!.lost_ids).to.deep.equal([
      { writer: 7, sequence: 1 },
    ]);
    expect(count(mixed)).to.deep.include(FINE);
  });

  it('says how few writes zero loss rests on, and not where something was lost', () => {
    expect(count({ after: many(20) }).reasons).to.deep.equal([]);
    const needed = '20 are needed to say that nothing was lost.';
    expect(count({ after: many(19) }).reasons).to.deep.equal([
      `Only 19 writes acknowledged just before the move; ${needed}`,
    ]);
    const [first, ...others] = many(5);
    const lost = { after: [first!, ...others], goneAfter: [first!] };
    expect(count(lost).reasons).to.deep.equal([]);
  });

  it('proves nothing where a file is damaged, or the reading is in doubt', () => {
    const [gone, ...others] = many(30);
    const lost = { after: [gone!, ...others], goneAfter: [gone!] };
    expect(count(lost).failures).to.have.length(1);
    const files: Doubt[] = [{ affects: 'all', reason: 'damaged' }];
    expect(count({ ...lost, files }).failures).to.deep.equal([]);
    const unmarked = count({ ...lost, events: backEvents({ 'marker.written': null }) });
    expect([unmarked.failures, unmarked.loss!.classes.lost]).to.deep.equal([[], 1]);
  });

  it('is none without operations, their header, or either reading, and says why', () => {
    const without = (name: 'serving' | 'after-failback') => (from: StoreEvidence) => ({
      ...from,
      readings: new Map([...from.readings].filter(([reading]) => reading !== name)),
    });
    const changes: readonly ((from: StoreEvidence) => StoreEvidence)[] = [
      (from) => ({ ...from, operations: null }),
      (from) => ({ ...from, header: null }),
      without('after-failback'),
      without('serving'),
    ];
    for (const change of changes) {
      expect(count({ change })).to.deep.include({ loss: null, failures: [] });
    }
    expect(count({ change: changes[2]! }).reasons).to.deep.equal([
      'What survived in the serving database after the failback is not known: it was never read.',
    ]);
  });

  it('waits for the last answers of the clients that began again', () => {
    const { reasons } = count({ events: backEvents({ 'workload.drained': null }) });
    expect(reasons.join()).to.match(/^The clients were cut off before their last answers came/);
  });
});

describe('writes that nobody was promised', () => {
  const CAME = '1 write that had been gone at the cut came back with it.';
  const WENT = '1 unanswered write that had been there at the cut went away.';

  it('that come back or go away say that it is another database', () => {
    const one = early('unknown');
    expect(count({ before: [one] }).reasons).to.deep.equal([]);
    expect(count({ before: [one], goneAtCut: [one] }).reasons).to.deep.equal([CAME]);
    expect(count({ before: [one], goneAfter: [one] }).reasons).to.deep.equal([WENT]);
    const both = { goneAtCut: [one], goneAfter: [one] };
    expect(count({ before: [one], ...both }).reasons).to.deep.equal([]);
    expect(count({ after: [...many(20), late('unknown')] }).reasons).to.deep.equal([]);
  });

  it('may come back with a region that serves again, and none may go away', () => {
    const one = early('unknown');
    const plan = { ...backPlan, strategy: 'active-active' } as const;
    expect(count({ plan, before: [one], goneAtCut: [one] }).reasons).to.deep.equal([]);
    expect(count({ plan, before: [one], goneAfter: [one] }).reasons).to.deep.equal([WENT]);
  });

  it('are no reads: those name the row that they read', () => {
    const write: Op = early('unknown');
    const read: Op = { ...write, kind: 'read', scheduled_ms: 600 };
    expect(count({ before: [write, read], goneAtCut: [write] }).reasons).to.deep.equal([CAME]);
  });
});

describe('the class of each operation of both counts', () => {
  const classes = (parts: Parts, change = (from: StoreEvidence) => from) => {
    const whole = evidence(parts);
    return classesOf(whole, change(whole.stores[0]!));
  };
  const named = (parts: Parts, row: number) => CLASS_NAMES[classes(parts)!.classes[row]!];

  it('is that of the first count, unless the failback harmed it', () => {
    const kept = early('acknowledged');
    expect(named({ before: [kept] }, 0)).to.equal('kept');
    expect(named({ before: [kept], goneAfter: [kept] }, 0)).to.equal('lost');
    expect(named({ before: [kept], besides: [kept] }, 0)).to.equal('duplicated');
    expect(named({ before: [kept], goneAtCut: [kept] }, 0)).to.equal('lost');
    expect(named({ before: [kept], altered: [kept] }, 0)).to.equal('corrupt');
    const denied = early('refused');
    expect(named({ before: [denied], besides: [denied] }, 0)).to.equal('unexpected');
    const update: Op = { ...kept, kind: 'update' };
    expect(named({ before: [update], goneAfter: [update] }, 0)).to.equal('diverged');
  });

  it('of what was due from the moment at which clients began again is that of the second', () => {
    const first = late('acknowledged');
    expect(named({ after: [first] }, 1)).to.equal('kept');
    expect(named({ after: [first], goneAfter: [first] }, 1)).to.equal('lost');
  });

  it('has each stranger once, whichever count found it', () => {
    const stranger = early('acknowledged');
    const found = classes({ besides: [stranger, stranger] })!;
    expect(found.unexpected).to.deep.equal([{ writer: 7, sequence: 1 }]);
    expect(found.isWhole).to.equal(true);
  });

  it('is that of the first count alone where clients never began again', () => {
    const whole = evidence({ before: [early('acknowledged')], after: [], events: [] });
    const alone = classesOf({ ...whole, events: journal() }, whole.stores[0]!)!;
    expect([alone.isWhole, alone.classes.length]).to.deep.equal([true, 3]);
    expect(CLASS_NAMES[alone.classes[0]!]).to.equal('kept');
  });

  it('is that of the first count where nobody read again, and none since', () => {
    const whole = evidence({ before: [early('acknowledged')] });
    const [from] = whole.stores;
    const readings = new Map([...from!.readings].slice(0, 1));
    const found = classesOf(whole, { ...from!, readings })!;
    expect([found.isWhole, found.unexpected]).to.deep.equal([false, []]);
    const names = [...found.classes].map((value) => CLASS_NAMES[value]);
    expect(names.slice(0, 3)).to.deep.equal(['kept', 'kept', undefined]);
  });

  it('is not known without the reading at the cut', () => {
    const unread = (from: StoreEvidence) => ({ ...from, readings: new Map() });
    expect(classes({}, unread)).to.equal(null);
  });
});
