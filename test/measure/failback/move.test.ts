// The planned move of a failback, to the millisecond: which events belong to it, up to when writes
// are watched, and what is not said without an end, a store or a steady state.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measureFailback } from '../../../src/measure/failback/failback.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import {
  BACK,
  backEvents,
  backPlan,
  beforeTheCut,
  driveBack,
  evidenceOfBack,
  movesIn,
  type BackParts,
} from '../../support/evidence/failback-story.ts';
import {
  acknowledged,
  fromWest,
  refuses,
  rowOf,
  without,
  type Op,
} from '../../support/evidence/synthetic.ts';

const event = (body: object): RunEvent => body as RunEvent;
type Steady = Parameters<typeof measureFailback>[2];
const STEADY: Steady = { due: 400, served: 400, served_per_s: 200, p99_ms: 2, within_ms: 100 };

function measuredOf(parts: BackParts = {}, steady: Steady = null) {
  const whole = evidenceOfBack(parts);
  const run = new Timeline(whole.plan, whole.events);
  const basis = { run, disaster: run.disaster!, files: [], nameOf: () => null };
  return measureFailback(whole, basis, steady);
}
const reasons = (parts: BackParts) => measuredOf(parts).doubts.map(({ reason }) => reason);
const protection = (t: number, region = 'east', ms = 7) =>
  event({ t, event: 'region.protected', region, how: 'rewound', ms });

describe('the events of a failback', () => {
  it('are those from its first moment: protection', () => {
    const said = (...events: RunEvent[]) =>
      measuredOf({ events: backEvents({ 'region.protected': events }) }).value!.protected_ms;
    expect([said(protection(BACK.phase)), said(protection(BACK.phase - 1))]).to.deep.equal([
      7,
      null,
    ]);
    expect(said(protection(24_000), protection(29_000, 'west', 9))).to.equal(7);
  });

  it('are those from its first moment: the move, and an end that comes after its start', () => {
    const move = (name: string, t: number) => event({ t, event: name, from: 'west', to: 'east' });
    const took = (started: readonly number[], ended: readonly number[]) =>
      measuredOf({
        events: backEvents({
          'switchover.started': started.map((t) => move('switchover.started', t)),
          'switchover.ended': ended.map((t) => event({ t, event: 'switchover.ended' })),
        }),
      }).value!.switchover_ms;
    expect(took([BACK.phase - 1], [BACK.moved])).to.equal(null);
    expect(took([BACK.phase], [BACK.moved])).to.equal(BACK.moved - BACK.phase);
    expect(took([BACK.moving], [BACK.moving - 1, BACK.moved])).to.equal(200);
    expect(took([BACK.moving], [BACK.moving])).to.equal(0);
  });

  it('need none of a move where two regions serve, and say what is not known', () => {
    const events = backEvents({ 'switchover.started': null, 'switchover.ended': null });
    const moved = 'Failback: Service was never moved back.';
    expect(reasons({ events })).to.include(moved);
    const both = { ...backPlan, strategy: 'active-active' } as const;
    expect(reasons({ events, plan: both })).to.not.include(moved);
    const { salvaged, rto, outages } = measuredOf({
      events: backEvents({ 'rows.salvaged': null }),
    }).value!;
    expect([salvaged, rto, outages]).to.deep.equal([
      null,
      { value: null, low: null, high: null },
      [],
    ]);
  });

  it('speak against the failback alone', () => {
    const { doubts } = measuredOf({ events: backEvents({ 'region.protected': null }) });
    expect(doubts.map(({ affects, endsEarly }) => [affects, endsEarly])).to.deep.equal([
      ['failback', true],
    ]);
  });
});

describe('a failback of which clients saw little', () => {
  const stopped = (t: number) =>
    backEvents({
      'workload.stopped': null,
      'run.interrupted': [event({ t, event: 'run.interrupted', by: 'SIGINT' })],
    });
  const rtoOf = (parts: BackParts) => measuredOf(parts, STEADY).value!.rto;
  const nothing = { value: null, low: 0, high: null };

  it('has no recovery time where it was stopped before an outage could be seen', () => {
    const until_ms = BACK.moving + 1_000;
    const after = driveBack(movesIn(0), until_ms);
    expect(rtoOf({ after, events: stopped(until_ms) })).to.deep.equal(nothing);
  });

  it('has the least that it can be where it was stopped in an outage', () => {
    const until_ms = BACK.moving + 1_000;
    const after = driveBack(movesIn(60_000), until_ms);
    const rto = rtoOf({ after, events: stopped(until_ms) });
    expect(rto).to.include({ value: null, high: null });
    expect(rto.low).to.be.within(900, 1_000);
  });

  it('has no recovery time where they did nothing in it', () => {
    expect(rtoOf({ after: [] })).to.deep.equal(nothing);
    expect(rtoOf({}), 'where they did').to.include({ value: 152 });
  });

  it('counts the age of what was lost from the side that served, where it never moved', () => {
    // Nothing tells of a timeline, so that the region of a reply says whose it is.
    const untimed = (op: Op): Op => ({ ...op, timeline: 0 });
    const after = driveBack(() => fromWest).map(untimed);
    const lost = acknowledged(after).slice(50, 52);
    const before = beforeTheCut.map(untimed);
    const rows = [...acknowledged(before), ...acknowledged(after)].map(rowOf);
    const events = backEvents({ 'switchover.started': null, 'switchover.ended': null });
    const parts = { before, after, last: without(rows, lost), events };
    const { loss } = measuredOf(parts, STEADY).value!;
    expect(loss!.classes.lost).to.equal(2);
    expect(loss!.lost_after_recovery).to.equal(0);
    expect(loss!.rpo.value).to.be.greaterThan(0);
  });
});

describe('the pause of writes', () => {
  const pause = (changes: Parameters<typeof backEvents>[0] = {}) => {
    // Gone with the move for 150 ms, and again long after it was over.
    const after = driveBack((now, at) => {
      return now >= 33_000 && now < 34_000 ? refuses : movesIn(150)(now, at);
    });
    return measuredOf({ after, events: backEvents(changes) }, STEADY).value!.pause_ms;
  };

  it('is watched until service was to last after the end of the move, and no longer', () => {
    expect(pause()).to.be.within(150, 160);
  });

  it('is not known where the move never ended', () => {
    expect(pause({ 'switchover.ended': null })).to.equal(null);
  });
});
