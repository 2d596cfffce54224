// Writes that were acknowledged while no standby had to have them: planted ones, of which it is
// known when each was committed, and when the standby had it.
import { expect } from 'chai';
import { randomStream } from '../../../src/base/random.ts';
import type { RunEvent, StandbySeen } from '../../../src/evidence/event.ts';
import { OPERATION_FLAG } from '../../../src/evidence/ledger/operation.ts';
import { unprotectedOf } from '../../../src/measure/operations/unprotected.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { operationsOf, plan, type Op } from '../../support/evidence/synthetic.ts';

const CASES = 50;
const SPACING_MS = 10;
const BYTES = 100;
const UNTIL_MS = 12_000;
const WARNED = OPERATION_FLAG.unprotected;

const syncPlan = { ...plan, replication: { ...plan.replication, mode: 'sync' as const } };
const released = (t: number, ms: number): RunEvent => {
  return { t, event: 'standby.released', node: 'east/postgres', by: 'release', ms, detail: '' };
};
const required = (t: number, ms: number): RunEvent => {
  return { t, event: 'standby.required', node: 'east/postgres', region: 'west', ms };
};
const sampled = (t: number, standby: StandbySeen) =>
  ({ t, event: 'workload.sampled', store: 'orders', lag_bytes: null, standby }) as RunEvent;
/** Each look takes 2 ms. */
const looked = (t: number, written_bytes: number | null, has_bytes: number | null) =>
  sampled(t + 5, { asked_ms: t, answered_ms: t + 2, written_bytes, has_bytes });

const measure = (ops: readonly Op[], events: readonly RunEvent[]) =>
  unprotectedOf(new Timeline(syncPlan, events), operationsOf(ops));

interface Write extends Op {
  readonly sent_ms: number;
  readonly done_ms: number;
}
const write = (at: number, sent_ms: number, done_ms: number, more: Partial<Write> = {}): Write => {
  const id = { writer: 1, sequence: at + 1, scheduled_ms: sent_ms, sent_ms, done_ms };
  return { ...id, outcome: 'acknowledged', ...more };
};

/**
 * A write every 10 ms. The standby is gone from `gone` to `back`, a while after which it has all;
 * commits wait for nobody from `from` to `to`. Until then, while it is gone, nobody is answered.
 */
function planted(seed: number) {
  const random = randomStream(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const gone = between(1_000, 2_000);
  const from = between(gone + 50, gone + 3_000);
  const back = between(from + 10, from + 4_000);
  const caughtUp = back + between(0, 500);
  const to = caughtUp + between(0, 300);
  const ops: Write[] = [];
  const commits: number[] = [];
  for (let at = 0; at * SPACING_MS < UNTIL_MS; at++) {
    const sent = at * SPACING_MS;
    const commit = sent + between(0.2, 3);
    commits.push(commit);
    const waits = commit < from && commit >= gone - 20;
    const answer = waits ? from + between(0.1, 2) : commit + between(0.1, 2);
    ops.push(write(at, sent, answer + (commit >= to || commit < gone - 20 ? 40 : 0)));
  }
  const writtenAt = (t: number) => BYTES * commits.filter((commit) => commit <= t).length;
  /** What the standby has said to have, 20 ms late. */
  const hasAt = (t: number) => {
    if (t >= gone && t < back) return null;
    if (t >= back && t < caughtUp) return writtenAt(gone);
    return writtenAt(t - 20);
  };
  const looks = Array.from({ length: 120 }, (_, at) => 100 * at + between(0, 20));
  const events = [
    ...looks.map((t) => {
      const has = hasAt(t + 1);
      return looked(t, has === null ? null : writtenAt(t + 1), has);
    }),
    released(from + between(0, 40), 40),
    required(to + between(0, 30), 30),
  ];
  const unprotected = commits.flatMap((commit, at) =>
    ops[at]!.done_ms >= from && commit < to && commit >= gone - 20 ? [at] : [],
  );
  const first = Math.min(...unprotected.map((at) => ops[at]!.done_ms));
  // Nothing is there but what was committed; the standby has all of these 20 ms after the last.
  const has = Math.max(caughtUp, commits[unprotected.at(-1)!]! + 20);
  return { ops, events, count: unprotected.length, ms: has - first };
}

describe('writes that were acknowledged unprotected', () => {
  it(`lie in the interval, and their time too, in ${CASES} planted runs`, () => {
    for (let seed = 1; seed <= CASES; seed++) {
      const { ops, events, count, ms } = planted(seed);
      const found = measure(ops, events)!;
      const told = `seed ${seed}: ${count} in ${ms} ms, ${JSON.stringify(found)}`;
      expect(found.writes_low, told).to.be.at.most(count);
      expect(found.writes_high, told).to.be.at.least(count);
      expect(found.writes, told).to.be.within(found.writes_low, found.writes_high);
      expect(found.ms_low, told).to.be.at.most(ms);
      expect(found.ms, told).to.be.at.least(ms);
    }
  });

  it('are none where commits always waited', () => {
    expect(measure([write(0, 100, 140)], [looked(0, 100, 0)])).to.equal(null);
  });

  it('are those that the server warned of, whoever cancelled their waits', () => {
    const warned = [1_000, 1_010, 1_020].map((sent, at) =>
      write(at, sent, sent + 5, { outcome: 'unknown', flags: WARNED }),
    );
    const others = [
      write(3, 1_030, 1_070, { outcome: 'unknown' }),
      write(4, 1_040, 1_080),
      write(5, 1_050, 1_055, { kind: 'read' }),
    ];
    const looks = [
      ...[looked(900, 100, 100), looked(1_100, 400, 150), looked(1_500, null, null)],
      ...[looked(2_000, 900, 399), looked(2_100, 900, 400)],
    ];
    expect(measure([...warned, ...others], looks)).to.deep.equal({
      ...{ standby: 'west', writes: 3, writes_low: 3, writes_high: 3 },
      // From 1,005 to the look that was answered at 2,102; at 1,500 there was no standby.
      ...{ ms: 1_097, ms_low: 495 },
    });
  });

  it('have no end where the standby was not seen to have them', () => {
    const warned = write(0, 1_000, 1_005, { outcome: 'unknown', flags: WARNED });
    const looks = [looked(900, 100, 100), looked(3_005, null, null)];
    const never = measure([warned], looks);
    expect(never).to.deep.include({ writes: 1, ms: null, ms_low: 2_000 });
    expect(measure([warned], [])).to.deep.include({ ms: null, ms_low: 0 });
  });

  it('go on to the end where commits were never to wait again', () => {
    const ops = [write(0, 500, 540), write(1, 1_200, 1_201), write(2, 9_000, 9_001)];
    const found = measure(ops, [released(1_000, 20), looked(9_100, null, null)]);
    expect(found).to.deep.include({ writes: 2, writes_low: 2, writes_high: 2, ms: null });
    expect(found!.ms_low).to.equal(9_100 - 1_201);
  });

  it('may be those that were under way when commits were released, and required again', () => {
    const ops = [
      write(0, 900, 985), // answered while it was being released
      write(1, 900, 1_100), // waited, and was answered then
      write(2, 1_200, 1_201),
      write(3, 2_000, 2_050), // sent before commits waited again, answered later
    ];
    const events = [released(1_000, 20), required(2_010, 30), looked(2_100, 400, 400)];
    expect(measure(ops, events)).to.deep.include({ writes: 3, writes_low: 1, writes_high: 4 });
  });

  it('are none, and known to be, where nobody wrote while commits were released', () => {
    const found = measure([write(0, 100, 140)], [released(1_000, 20), required(2_000, 20)]);
    const none = { standby: 'west', writes: 0, writes_low: 0, writes_high: 0, ms: 0, ms_low: 0 };
    expect(found).to.deep.equal(none);
  });
});
