// What says that a fault was over before it was healed: planted looks, heals and words of the primary
// about its standby, with their neighbours that say nothing.
import { expect } from 'chai';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import type { LookResult, RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  hangs,
  journal,
  plan,
  TIMES,
} from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const { faultInjected, faultStarted } = TIMES;
const HEALED = faultInjected + 6_000;
const NAME = 'The fault lose-region of region east';
const event = (body: object): RunEvent => body as RunEvent;

const partition = plannedFault('lose-region', { how: 'partition', disks: 'kept' });
const looked = (ok: LookResult['ok'], t = HEALED - 100) =>
  event({ t, event: 'fault.looked', index: 0, checks: [seen(true), seen(ok)] });
const seen = (ok: LookResult['ok']) => ({ name: 'link x is silent', ok, detail: 'it answered' });
const healed = (gone?: readonly string[]) =>
  event({ t: HEALED, event: 'fault.healed', index: 0, by: 'end', ...(gone && { gone }) });

function judged(events: readonly RunEvent[], faults: readonly PlannedFault[] = [partition]) {
  const ops = drive(goneFor(600, () => hangs));
  const its = { ...plan, faults };
  const evidence = evidenceOf({ ops, plan: its, events: [...journal(), ...events] });
  const { doubts } = measure(evidence);
  return { said: [...new Set(doubts.map(({ reason }) => reason))], result: assess(evidence) };
}

/** What the primary says of its standby: from then on, every 500 ms, each word sampled twice. */
function lags(from_ms: number, bytes: readonly (number | null)[]): RunEvent[] {
  return bytes.flatMap((lag_bytes, at) =>
    [0, 200].map((more) => {
      const t = from_ms + 500 * at + more;
      return event({ t, event: 'workload.sampled', store: 'orders', lag_bytes });
    }),
  );
}

describe('a fault that is looked at again', () => {
  it('is believed where every look saw it and the heal found all of it', () => {
    const { said, result } = judged([looked(true), healed([])]);
    expect([said, result.verdict]).to.deep.equal([[], 'pass']);
  });

  it('is believed where an older journal has no such word', () => {
    expect(judged([healed()]).said).to.deep.equal([]);
  });

  it('did not last where a look saw nothing of it, and nothing passes', () => {
    const { said, result } = judged([looked(false), healed([])]);
    expect(said).to.deep.equal([
      `${NAME} did not last: looked at again 5.9 s after it was injected: link x is silent: ` +
        'it answered.',
    ]);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.gates.find(({ name }) => name === 'rto')?.verdict).to.equal('inconclusive');
  });

  it('was between links that are not what they were, and nothing passes', () => {
    const links = (ok: LookResult['ok']) => {
      const check = { name: 'link x takes 20 ms each way', ok, detail: 'toxic y is gone' };
      return event({ t: HEALED, event: 'links.looked', checks: [check] });
    };
    const of = (ok: LookResult['ok']) => judged([looked(true), healed([]), links(ok)]);
    expect(of(true).said).to.deep.equal([]);
    const [changed, unseen] = [of(false), of(null)];
    const found = 'link x takes 20 ms each way: toxic y is gone.';
    expect(changed.said).to.deep.equal([`A link did not stay as it was: ${found}`]);
    expect(unseen.said).to.deep.equal([`A link could not be looked at again: ${found}`]);
    for (const { result } of [changed, unseen]) {
      expect(result.verdict).to.equal('inconclusive');
      for (const gate of result.gates) expect(gate.verdict, gate.name).to.equal('inconclusive');
    }
  });

  it('is in doubt, and not disproved, where it could not be looked at', () => {
    const { said, result } = judged([looked(null), healed([])]);
    expect(said).to.deep.equal([
      `${NAME} could not be looked at again: link x is silent: it answered.`,
    ]);
    expect(result.verdict).to.equal('inconclusive');
  });

  it('did not last where its heal found less than was put there', () => {
    const { said, result } = judged([looked(true), healed(['toxic a', 'toxic b'])]);
    expect(said).to.deep.equal([
      `${NAME} did not last: when it was healed, this was gone: toxic a, toxic b.`,
    ]);
    expect(result.verdict).to.equal('inconclusive');
  });

  it('did not last where the fence found alive what it had ended', () => {
    const found = (isFrozen: boolean, t = HEALED - 100) => {
      const nodes = ['east/postgres'];
      const living = isFrozen ? { running: [], frozen: nodes } : { running: nodes, frozen: [] };
      return event({ t, event: 'fence.found', region: 'east', ...living });
    };
    const lost = (how: 'kill' | 'freeze' | 'partition') =>
      plannedFault('lose-region', { how, disks: 'kept' });
    const says = (how: 'kill' | 'freeze' | 'partition', each: RunEvent) =>
      judged([each, healed([])], [lost(how)]).said;
    expect(says('kill', found(false))).to.deep.equal([
      `${NAME} did not last: the fence found east/postgres alive.`,
    ]);
    expect(says('kill', found(true))).to.have.length(1);
    expect(says('freeze', found(false))).to.deep.equal([
      `${NAME} did not last: the fence found east/postgres running.`,
    ]);
    expect(says('freeze', found(true))).to.deep.equal([]);
    expect(says('partition', found(false))).to.deep.equal([]);
    for (const t of [HEALED, HEALED + 100]) {
      expect(says('kill', found(false, t))).to.deep.equal([]);
    }
    expect(says('kill', found(false, faultInjected))).to.have.length(1);
    expect(judged([found(false)], [lost('kill')]).said, 'never healed').to.have.length(1);
    expect(says('kill', found(false, faultInjected - 100))).to.deep.equal([]);
    const west = event({ ...found(false), region: 'west' });
    expect(says('kill', west)).to.deep.equal([]);
  });

  it('names three of many things that were gone', () => {
    const { said } = judged([healed(['a', 'b', 'c', 'd', 'e'])]);
    expect(said[0]).to.contain('this was gone: a, b, c and 2 more.');
  });

  it('says it of the fault that it is about', () => {
    const slow = plannedFault(
      'latency',
      { link: 'east-west', latency_ms: 500 },
      { index: 1, disaster: false, beforehand: true },
    );
    const of1 = [
      { t: 900, event: 'fault.started', index: 1, kind: 'latency', region: 'east' },
      { t: 901, event: 'fault.injected', index: 1, detail: '' },
      { t: 902, event: 'fault.proved', index: 1, ok: true, checks: [] },
      { t: HEALED, event: 'fault.healed', index: 1, by: 'end', gone: ['toxic delay'] },
    ].map(event);
    const { said } = judged([...of1, healed([])], [partition, slow]);
    expect(said).to.deep.equal([
      'The fault latency of region east did not last: when it was healed, this was gone: toxic delay.',
    ]);
  });

  it('leaves a fence in doubt that was open when it was lifted', () => {
    const lifted = (gone: readonly string[]) =>
      event({ t: 30_000, event: 'fence.lifted', region: 'east', gone });
    expect(judged([lifted([])]).said).to.deep.equal([]);
    const { said, result } = judged([lifted(['the cut of clients-east.app-1'])]);
    expect(said).to.deep.equal([
      'The fence of east did not last: when it was lifted, this was gone: the cut of clients-east.app-1.',
    ]);
    expect(result.verdict).to.equal('inconclusive');
  });
});

describe('a silent replication link', () => {
  const cut = plannedFault('partition', { link: 'east-west' });
  const lost = plannedFault('lose-network', { of: 'replication' });
  const from = faultInjected + 1_000;
  const said = (events: readonly RunEvent[], fault: PlannedFault = partition) =>
    judged([...events, healed([])], [fault]).said;

  it('lets its standby fall back until it is healed, and catch up afterwards', () => {
    const events = [...lags(from, [100, 200, 300, 300, 400]), ...lags(HEALED + 10, [500, 20, 0])];
    for (const fault of [partition, cut, lost]) expect(said(events, fault)).to.deep.equal([]);
  });

  it('has no standby that catches up meanwhile', () => {
    for (const fault of [partition, cut, lost]) {
      expect(said(lags(from, [100, 200, 300, 250]), fault), fault.kind).to.deep.equal([
        `The fault ${fault.kind} of region east did not last: 2.5 s after it was injected the ` +
          'standby’s lag fell from 300 to 250 bytes.',
      ]);
    }
  });

  it('is not held to words that may be of before it, nor to those of no standby', () => {
    expect(said(lags(from, [900, 400, 500, 600]))).to.deep.equal([]);
    expect(said(lags(faultStarted, [900, 0, 100, 200, 300]))).to.deep.equal([]);
    expect(said(lags(from, [100, 200, 300, null, 100]))).to.deep.equal([]);
  });

  it('is none of a region that stands still, is dead, or whose clients alone are cut off', () => {
    const falling = lags(from, [100, 200, 300, 250, 0]);
    for (const how of ['freeze', 'kill'] as const) {
      expect(said(falling, plannedFault('lose-region', { how, disks: 'kept' }))).to.deep.equal([]);
    }
    expect(said(falling, plannedFault('partition', { link: 'clients-east' }))).to.deep.equal([]);
    expect(said(falling, plannedFault('lose-network', { of: 'clients' }))).to.deep.equal([]);
    const slow = plannedFault('latency', { link: 'east-west', latency_ms: 500 });
    expect(said(falling, slow)).to.deep.equal([]);
  });
});
