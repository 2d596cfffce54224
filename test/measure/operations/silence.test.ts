// Nodes that a fault has silenced, and that the ledger heard all the same: planted answers.
import { expect } from 'chai';
import type { LossWay } from '../../../src/drill/fault/lose-region.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { silenceDoubts } from '../../../src/measure/operations/silence.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  goneFor,
  hangs,
  journal,
  plan,
  TIMES,
  type Op,
  type Reply,
} from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const { faultInjected } = TIMES;
const OTHER = { index: 1, disaster: false };
const HEALED = faultInjected + 5_000;

const lost = (how: LossWay, heal_after_ms: number | null = null) => ({
  ...plan,
  faults: [plannedFault('lose-region', { how, disks: 'kept' }, { heal_after_ms })],
});

/** East answers every third operation from the one moment to the other. */
const heardFrom = (from_ms: number, to_ms: number): Op[] =>
  drive((now, index) => {
    if (now >= from_ms && now < to_ms && index % 3 === 0) return fromEast;
    return goneFor(600, () => hangs)(now, index);
  });

const judged = (ops: readonly Op[], its: Plan = lost('kill'), more: readonly RunEvent[] = []) => {
  const evidence = evidenceOf({ ops, plan: its, events: [...journal(), ...more] });
  const about = measure(evidence).doubts.filter(({ reason }) => reason.includes('did not last'));
  // Each leaves the recovery, the loss and the failback open; what the ledger proves, it proves.
  const said = [...new Set(about.map(({ reason }) => reason))];
  expect(about.map(({ affects }) => affects)).to.have.members(
    said.flatMap(() => ['recovery', 'loss', 'failback']),
  );
  return { said, evidence };
};

const healed = (by: 'schedule' | 'end'): RunEvent[] => [
  { t: HEALED - 400, event: 'phase.started', phase: 'heal', at_most_ms: 0 },
  { t: HEALED, event: 'fault.healed', index: 0, by },
];

describe('a fault and the ledger', () => {
  it('agree in an honest run, whichever way the region was lost', () => {
    expect(judged(drive(goneFor(600)), lost('kill')).said).to.deep.equal([]);
    for (const how of ['partition', 'freeze'] as const) {
      expect(judged(drive(goneFor(600, () => hangs)), lost(how)).said, how).to.deep.equal([]);
    }
  });

  it('contradict each other where the lost region went on to answer, and nothing passes', () => {
    for (const [how, state] of [
      ['kill', 'dead'],
      ['partition', 'cut off'],
      ['freeze', 'standing still'],
    ] as const) {
      const { said, evidence } = judged(heardFrom(6_000, 12_000), lost(how));
      expect(said, how).to.have.length(1);
      expect(said[0]).to.match(
        new RegExp(
          `^The fault lose-region of region east did not last: while its nodes were ${state}, ` +
            'they answered 400 operations that began after it, the first 1 s after it was injected',
        ),
      );
      const { gates } = assess(evidence);
      expect(Object.fromEntries(gates.map((gate) => [gate.name, gate.verdict]))).to.deep.equal({
        rto: 'inconclusive',
        rpo: 'inconclusive',
        split_brain: 'fail', // both sides acknowledged after the promotion: that stays proved
      });
    }
  });

  it('of one node contradict each other where it answered, or its store took a write', () => {
    const ended = (node: string): Plan => ({
      ...plan,
      faults: [plannedFault('kill-node', { node })],
    });
    const refused = drive(goneFor(600, () => ({ ...fromEast, outcome: 'refused' })));
    for (const node of ['east/app-1', 'east/postgres']) {
      const { said } = judged(heardFrom(6_000, 12_000), ended(node));
      expect(said, node).to.have.length(1);
      expect(said[0]).to.match(
        new RegExp(
          `^The fault kill-node of ${node} did not last: while ${node} was dead, it answered ` +
            '400 operations that began after it, the first 1 s after it was injected',
        ),
      );
    }
    // The app of a region without its database is there, and refuses.
    expect(judged(refused, ended('east/postgres')).said).to.deep.equal([]);
    expect(judged(refused, ended('east/app-1')).said).to.have.length(1);
    for (const node of ['east/app-2', 'east/redis']) {
      const { said } = judged(
        drive(() => fromEast),
        ended(node),
      );
      expect(said, node).to.deep.equal([]);
    }
  });

  describe('that leaves processes alive', () => {
    const { fault, declared } = { fault: faultInjected, declared: faultInjected + 400 };
    const started: RunEvent = {
      ...{ t: declared, event: 'recovery.started', with: 'promote-standby', steps: [] },
    };
    /** Clients wait in vain, but for what ends otherwise, from the one moment to the other. */
    const but = (reply: Reply, from_ms = fault + 50, to_ms = declared - 50) =>
      drive((now) => {
        if (now < fault) return fromEast;
        if (now >= fault + 600) return fromWest;
        return now >= from_ms && now < to_ms ? reply : hangs;
      });
    const refusal: Reply = { outcome: 'refused', after_ms: 1 };
    const hangUp: Reply = { outcome: 'unknown', after_ms: 300 };

    it('contradict each other where clients are refused, or hung up on', () => {
      for (const [how, state] of [
        ['partition', 'cut off'],
        ['freeze', 'standing still'],
      ] as const) {
        const { said, evidence } = judged(but(refusal), lost(how), [started]);
        expect(said).to.have.length(1);
        expect(said[0]).to.match(
          new RegExp(
            `^The fault lose-region of region east did not last: while its nodes were ${state}, ` +
              '60 operations that began after it ended without an answer, but sooner than by the ' +
              'timeout of 1 s, the first 5\\d ms after it was injected\\.$',
          ),
        );
        expect(assess(evidence).verdict).to.equal('inconclusive');
      }
      const early = but(hangUp, fault + 25, fault + 30);
      expect(judged(early, lost('freeze'), [started]).said).to.have.length(1);
    });

    it('agree where a recovery, or a kill, is what refuses', () => {
      const later = but(refusal, declared, declared + 200);
      expect(judged(later, lost('freeze'), [started]).said).to.deep.equal([]);
      expect(judged(but(refusal), lost('kill'), [started]).said).to.deep.equal([]);
    });

    it('say nothing where clients, or faults, are in the other region too', () => {
      const both: Plan = { ...lost('freeze'), strategy: 'active-active' };
      const { said, evidence } = judged(but(refusal), both, [started]);
      expect(said).to.deep.equal([]);
      expect(silenceDoubts(evidence, new Timeline(both, evidence.events))).to.deep.equal([]);
      const elsewhere = plannedFault('lose-region', { how: 'freeze', disks: 'kept' });
      const west: Plan = { ...plan, faults: [{ ...elsewhere, region: 'west' }] };
      const away = (now: number) => now > fault + 50 && now < declared;
      const ofEast = drive((now) => (away(now) ? refusal : fromEast)).slice(0, -1);
      expect(judged(ofEast, west, [started]).said).to.deep.equal([]);
      const second = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, OTHER);
      const two: Plan = { ...plan, faults: [...lost('freeze').faults, second] };
      expect(judged(but(refusal), two, [started]).said).to.deep.equal([]);
      // A fault that leaves the regions as they are ends no connection.
      const beside = plannedFault('latency', { link: 'east-west', latency_ms: 90 }, OTHER);
      const slowed: Plan = { ...plan, faults: [...lost('freeze').faults, beside] };
      expect(judged(but(refusal), slowed, [started]).said).to.have.length(1);
    });
  });

  it('contradict each other for one answer', () => {
    const at = 7_005;
    expect(judged(heardFrom(at, at + 15)).said[0]).to.contain('answered 1 operation that');
  });

  it('agree about what was sent before, whenever it was answered', () => {
    const late = drive((now, index) => {
      if (now < faultInjected) return { ...fromEast, after_ms: now > 4_900 ? 900 : 2 };
      return goneFor(600)(now, index);
    });
    expect(judged(late).said).to.deep.equal([]);
  });

  it('count a refusal as an answer, and no other region’s', () => {
    const refused = drive((now, index) => {
      return now === 8_000 ? { ...fromEast, outcome: 'refused' } : goneFor(600)(now, index);
    });
    expect(judged(refused).said).to.have.length(1);
    expect(judged(drive((now) => (now < 5_000 ? fromEast : fromWest))).said).to.deep.equal([]);
    expect(judged(drive((now) => (now < 5_000 ? fromEast : hangs))).said).to.deep.equal([]);
  });

  it('agree after the heal, from when it was due', () => {
    const byTime = lost('partition', 5_000);
    expect(judged(heardFrom(HEALED, 15_000), byTime, healed('schedule')).said).to.deep.equal([]);
    expect(
      judged(heardFrom(HEALED - 300, 15_000), byTime, healed('schedule')).said.length,
    ).to.equal(1);
    const byEnd = lost('partition');
    expect(judged(heardFrom(HEALED - 300, 15_000), byEnd, healed('end')).said).to.deep.equal([]);
    expect(judged(heardFrom(HEALED - 500, 15_000), byEnd, healed('end')).said.length).to.equal(1);
  });

  describe('on a link that clients cross', () => {
    const EDGE = { disaster: true, heal_after_ms: 5_000 };
    const cut = { ...plan, faults: [plannedFault('partition', { link: 'clients-east' }, EDGE)] };
    const slow = (latency_ms: number) => ({
      ...plan,
      faults: [plannedFault('latency', { link: 'clients-east', latency_ms }, EDGE)],
    });
    const answersAfter = (after_ms: number): Op[] =>
      drive((now) => {
        const isOn = now > faultInjected && now < HEALED;
        return { ...fromEast, after_ms: isOn ? after_ms : 2 };
      });

    it('agree where nothing is heard of a cut one until it is healed', () => {
      const ops = drive((now) => (now >= 5_000 && now < HEALED ? hangs : fromEast));
      expect(judged(ops, cut, healed('schedule')).said).to.deep.equal([]);
    });

    it('contradict each other where a cut one carries an answer', () => {
      const { said, evidence } = judged(answersAfter(2), cut, healed('schedule'));
      expect(said).to.have.length(1);
      expect(said[0]).to.match(
        /^The fault partition of region east did not last: while link clients-east let nothing through, nodes of east answered 9\d\d operations that began after it, the first \d+ ms after/,
      );
      expect(assess(evidence).verdict).to.equal('inconclusive');
    });

    it('contradict each other so where its network is lost for clients, and not for others', () => {
      const lost = (of: 'clients' | 'replication') => {
        const faults = [plannedFault('lose-network', { of }, EDGE)];
        return judged(answersAfter(2), { ...plan, faults }, healed('schedule')).said;
      };
      expect(lost('clients')[0]).to.include('while link clients-east let nothing through');
      expect(lost('replication')).to.deep.equal([]);
    });

    it('say nothing of the other region, nor of a link between the regions', () => {
      const west = { ...cut, faults: [plannedFault('partition', { link: 'clients-west' }, EDGE)] };
      const between = { ...cut, faults: [plannedFault('partition', { link: 'east-west' }, EDGE)] };
      expect(judged(answersAfter(2), west, healed('schedule')).said).to.deep.equal([]);
      expect(judged(answersAfter(2), between, healed('schedule')).said).to.deep.equal([]);
    });

    it('agree where every answer over a slow one takes its time both ways', () => {
      for (const after_ms of [400, 370]) {
        const { said } = judged(answersAfter(after_ms), slow(200), healed('schedule'));
        expect(said, String(after_ms)).to.deep.equal([]);
      }
    });

    it('contradict each other where an answer over a slow one comes sooner', () => {
      const { said } = judged(answersAfter(300), slow(200), healed('schedule'));
      expect(said[0]).to.match(
        /while link clients-east took 200 ms each way, nodes of east answered \d+ operations that began after it, sooner than that allows, the first/,
      );
    });

    it('say nothing of a delay that is less than clocks can tell', () => {
      expect(judged(answersAfter(2), slow(10), healed('schedule')).said).to.deep.equal([]);
    });
  });

  it('have nothing to say of a fault that was never injected', () => {
    for (const how of ['kill', 'freeze'] as const) {
      const { evidence } = judged(heardFrom(6_000, 12_000), lost(how));
      const events = evidence.events.filter(({ event }) => event !== 'fault.injected');
      const { plan } = evidence;
      expect(silenceDoubts(evidence, new Timeline(plan, events)), how).to.deep.equal([]);
    }
  });

  it('have nothing to say without a ledger, or without the names of its nodes', () => {
    const { evidence } = judged(heardFrom(6_000, 12_000));
    const run = new Timeline(evidence.plan, evidence.events);
    for (const lacking of [{ header: null }, { operations: null }]) {
      const stores = evidence.stores.map((store) => ({ ...store, ...lacking }));
      expect(silenceDoubts({ ...evidence, stores }, run)).to.deep.equal([]);
    }
    expect(silenceDoubts(evidence, run)).to.have.length(3);
  });
});
