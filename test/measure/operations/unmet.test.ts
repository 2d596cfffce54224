// Faults that were there and that no client met: planted answers.
import { expect } from 'chai';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { unmetDoubts } from '../../../src/measure/operations/unmet.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  hangs,
  journal,
  plan,
  refuses,
  TIMES,
  type Op,
  type Reply,
  type Service,
} from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const FROM = TIMES.faultStarted;
const HEALED = FROM + 3_000;

/** So until the fault is healed, and served by east else. */
const during = (service: Service | Reply, to_ms: number = HEALED) =>
  drive((now, index) => {
    if (now < FROM || now >= to_ms) return fromEast;
    return typeof service === 'function' ? service(now, index) : service;
  });

const eventsOf = (fault: PlannedFault, from_ms: number, to_ms: number): RunEvent[] => [
  {
    ...{ t: from_ms, event: 'fault.started', index: fault.index, kind: fault.kind },
    ...{ region: fault.region, disaster: fault.disaster },
  },
  { t: from_ms + 2, event: 'fault.injected', index: fault.index, detail: '' },
  { t: to_ms, event: 'fault.healed', index: fault.index, by: 'schedule' },
];

/** What is said of the first fault; the others last as long, but for what `others` says. */
function saidOf(
  ops: readonly Op[],
  faults: readonly PlannedFault[],
  { others = [FROM, HEALED], more = [], its = {} }: Options = {},
): string[] {
  const [first, ...rest] = faults;
  const events = journal({
    'fault.started': null,
    'fault.injected': eventsOf(first!, FROM, HEALED),
    'fault.healed': rest.flatMap((fault) => eventsOf(fault, others[0], others[1])),
    'disaster.declared': null,
  });
  const whole: Plan = { ...plan, ...its, faults };
  const evidence = evidenceOf({ ops, plan: whole, events: [...events, ...more] });
  const found = unmetDoubts(evidence, new Timeline(whole, evidence.events));
  if (found.length > 0) expect(assess(evidence).verdict).not.to.equal('pass');
  return found.map(({ reason }) => reason).filter((reason) => reason.includes(first!.kind));
}

interface Options {
  readonly others?: readonly [from_ms: number, to_ms: number];
  readonly more?: readonly RunEvent[];
  readonly its?: Partial<Plan>;
}

const APP = { node: 'east/app-1' };
const BESIDE = { index: 1, disaster: false };
const CUT = plannedFault('partition', { link: 'clients-east' }, BESIDE);
const unmet = (kind: string, of: string) => [
  `The fault ${kind} of ${of} was met by no client: none came to what it hit while it lasted.`,
];

describe('a fault that no client met', () => {
  it('is app-errors where no client got an error of that instance', () => {
    const errors = [plannedFault('app-errors', { ...APP, share: 0.5 })];
    const none = unmet('app-errors', 'east/app-1');
    const error: Reply = { ...fromEast, outcome: 'refused' };
    expect(
      saidOf(
        during((_, index) => (index % 2 ? error : fromEast)),
        errors,
      ),
    ).to.deep.equal([]);
    expect(saidOf(during(fromEast), errors)).to.deep.equal(none);
    expect(saidOf(during({ ...fromWest, outcome: 'refused' }), errors)).to.deep.equal(none);
    for (const reply of [refuses, hangs]) {
      expect(saidOf(during(reply), [...errors, CUT])).to.deep.equal(none);
    }
    // Of an answer before it and one after it nothing follows.
    const beside = drive((now) => (now < FROM || now >= HEALED ? error : fromEast));
    expect(saidOf(beside, errors)).to.deep.equal(none);
  });

  it('is app-slow where no answer of that instance was late', () => {
    const slow = (by_ms: number) => [plannedFault('app-slow', { ...APP, by_ms })];
    const none = unmet('app-slow', 'east/app-1');
    expect(saidOf(during({ ...fromEast, after_ms: 380 }), slow(400))).to.deep.equal([]);
    expect(saidOf(during({ ...fromEast, after_ms: 300 }), slow(400))).to.deep.equal(none);
    expect(saidOf(during({ ...fromWest, after_ms: 500 }), slow(400))).to.deep.equal(none);
    expect(saidOf(during(hangs), slow(400))).to.deep.equal(none);
    // Nobody waits for the answer, which comes later than that.
    expect(saidOf(during(hangs), slow(5_000))).to.deep.equal([]);
    expect(saidOf(during(hangs), [...slow(5_000), CUT])).to.deep.equal(none);
  });

  it('is one of a node while another fault kept clients from its region', () => {
    for (const node of ['east/app-1', 'east/postgres']) {
      const dead = [plannedFault('kill-node', { node })];
      const none = unmet('kill-node', node);
      expect(saidOf(during(refuses), dead), node).to.deep.equal([]);
      expect(saidOf(during(hangs), [...dead, CUT]), node).to.deep.equal(none);
      const gone = plannedFault('lose-region', { how: 'freeze', disks: 'kept' }, BESIDE);
      expect(saidOf(during(hangs), [...dead, gone]), node).to.deep.equal(none);
      const others = [FROM + 1_000, HEALED] as const;
      expect(saidOf(during(hangs), [...dead, CUT], { others }), node).to.deep.equal([]);
    }
  });

  it('is one of a region that no client was led to', () => {
    const [west] = [plannedFault('kill-node', { node: 'west/app-1' }, { region: 'west' })];
    expect(saidOf(during(hangs), [west])).to.deep.equal(unmet('kill-node', 'west/app-1'));
    const edge = plannedFault('latency', { link: 'clients-west', latency_ms: 50 });
    expect(saidOf(during(fromEast), [edge])).to.have.length(1);
    expect(saidOf(during(fromWest), [edge])).to.deep.equal([]);
    // Nobody is led to the database of a standby, and it is there for something else.
    const standby = plannedFault('kill-node', { node: 'west/postgres' }, { region: 'west' });
    expect(saidOf(during(fromEast), [standby])).to.deep.equal([]);
  });

  describe('of the GSLB', () => {
    const lost = [plannedFault('lose-gslb', { node: 'gslb' })];
    const CHAOS = { its: { disaster: 'none' } as const };
    const none = [
      'The fault lose-gslb of gslb was met by no client: none asked DNS while it lasted.',
    ];
    const withOp = (change: Partial<Op>, at_ms: number) =>
      during(fromEast).map((op) => (op.scheduled_ms === at_ms ? { ...op, ...change } : op));
    const unsent = { outcome: 'unsent', node: undefined } as unknown as Partial<Op>;

    it('is one while which none asked DNS', () => {
      expect(saidOf(during(fromEast), lost, CHAOS)).to.deep.equal(none);
      expect(saidOf(withOp(unsent, FROM + 500), lost, CHAOS)).to.deep.equal([]);
      expect(saidOf(withOp(unsent, HEALED + 500), lost, CHAOS)).to.deep.equal(none);
      const waited = { sent_ms: HEALED, done_ms: HEALED + 2 };
      expect(saidOf(withOp(waited, FROM + 2_500), lost, CHAOS)).to.deep.equal([]);
      // The runner itself was late.
      expect(saidOf(withOp({ ...waited, flags: 2 }, FROM + 2_500), lost, CHAOS)).to.deep.equal(
        none,
      );
    });

    it('is none where a detection or a redirect waited for it', () => {
      const disaster = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { index: 1 });
      const calm = { ...lost[0]!, disaster: false };
      const kill = [calm, disaster];
      const within = { others: [FROM + 500, Infinity] as const };
      expect(saidOf(during(fromEast), kill, within)).to.deep.equal([]);
      const after = { others: [HEALED + 500, Infinity] as const };
      expect(saidOf(during(fromEast), kill, after)).to.deep.equal(none);
      const move = [calm, plannedFault('maintenance', {}, { index: 1 })];
      const begun = (t: number): Options => ({
        ...within,
        more: [{ t, event: 'recovery.started', with: 'switch-over', steps: [] }],
      });
      expect(saidOf(during(fromEast), move, begun(HEALED - 1))).to.deep.equal([]);
      expect(saidOf(during(fromEast), move, begun(HEALED))).to.deep.equal(none);
    });
  });
});
