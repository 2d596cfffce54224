// What the journal proves of the phases up to the redirect, to the millisecond: which event belongs
// to which, and from when on a time does not fit any more.
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { Stretch } from '../../../src/measure/causes/charge.ts';
import type { Clients } from '../../../src/measure/causes/clients.ts';
import {
  decisionIn,
  detectionIn,
  procedureStretches,
} from '../../../src/measure/causes/procedure.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { operationsOf, plan as base, WEST } from '../../support/evidence/synthetic.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const GSLB = { every_ms: 250, timeout_ms: 200, failures: 3, ttl_s: 2 };
const plan: Plan = { ...base, gslb: GSLB };
const [STARTED, INJECTED] = [5_000, 5_020];
const event = (body: object): RunEvent => body as RunEvent;
const fault: RunEvent[] = [
  event({
    ...{ t: STARTED, event: 'fault.started', index: 0, kind: 'lose-region', region: 'east' },
    disaster: true,
  }),
  event({ t: INJECTED, event: 'fault.injected', index: 0, detail: '' }),
];
const timeline = (events: readonly RunEvent[], its: Partial<Plan> = {}) =>
  new Timeline({ ...plan, ...its }, [...fault, ...events]);

describe('the checks that detect', () => {
  const down = (t: number, region = 'east', detail = 'ECONNREFUSED') =>
    event({ t, event: 'region.down', region, detail });
  const detected = (events: readonly RunEvent[], its: Partial<Plan> = {}) => {
    const run = timeline(events, its);
    return detectionIn(run, run.disaster!);
  };
  const first = (...events: RunEvent[]) => {
    const cause = detected(events);
    return cause?.kind === 'health-checks' ? cause.first_ms : cause;
  };
  const AFTER_TWO = STARTED + 500; // two rounds after the first that failed

  it('began within a round after the fault had its effect, with room for what is not exact', () => {
    expect(detected([down(AFTER_TWO + 100.06)])).to.deep.equal({
      ...{ kind: 'health-checks', failures: 3, every_ms: 250, first_ms: 100, timeout_ms: 0 },
    });
    expect(first(down(AFTER_TWO - 50)), 'a check that was under way').to.equal(0);
    expect(first(down(AFTER_TWO - 50.1))).to.equal(null);
    expect(first(down(AFTER_TWO + 250 + 20 + 50))).to.equal(320);
    expect(first(down(AFTER_TWO + 250 + 20 + 50.1))).to.equal(null);
  });

  it('waited for an answer where none came, and only there', () => {
    const silent = 'east/app-1: no answer within 200 ms';
    expect(detected([down(AFTER_TWO + 300, 'east', silent)])).to.include({
      ...{ first_ms: 100, timeout_ms: 200 },
    });
    expect(first(down(AFTER_TWO + 100, 'east', 'piano answer withinside'))).to.equal(100);
  });

  it('are those of the lost region since the fault, and of a fault that they can see', () => {
    const all = [down(4_999), down(5_550, 'west'), down(AFTER_TWO + 100), down(5_900)];
    expect(first(...all)).to.equal(100);
    expect(first()).to.equal(null);
    expect(first(down(STARTED), down(AFTER_TWO + 100)), 'at once').to.equal(null);
    const faults = [plannedFault('maintenance', {})];
    expect(detected([down(AFTER_TWO + 100)], { faults })).to.equal(null);
  });
});

describe('who decides', () => {
  const decided = (declare: Plan['declare'], took_ms: number) =>
    decisionIn(timeline([], { declare }), { from_ms: 700, to_ms: 700 + took_ms });

  it('takes as long as the plan says, with room for what is not exact', () => {
    const after = { by: 'after', after_ms: 2_000 } as const;
    const cause = { kind: 'declared-after', after_ms: 2_000 };
    expect(decided(after, 1_949)).to.equal(null);
    expect(decided(after, 1_950)).to.deep.equal(cause);
    expect(decided(after, 2_100)).to.deep.equal(cause);
    expect(decided(after, 2_101)).to.equal(null);
    expect(decided({ by: 'automatic' }, 100)).to.deep.equal({ kind: 'declared-by-drill' });
    expect(decided({ by: 'automatic' }, 101)).to.equal(null);
  });

  it('may take any time where it is a person or a command', () => {
    expect(decided({ by: 'operator' }, 9)).to.deep.equal({ kind: 'declared-by-operator' });
    const command = { by: 'command', command: ['sh'] } as const;
    expect(decided(command, 9)).to.deep.equal({ kind: 'declared-by-command' });
  });
});

describe('the procedure', () => {
  const clients: Clients = {
    ...{ nodes: [['east/app-1', 'west/app-1']], lost: 'east', started_ms: STARTED },
    operations: operationsOf(
      [1, 2].map((writer) => {
        const its = { writer, sequence: 1, scheduled_ms: 6_000, node: WEST };
        return { ...its, outcome: 'acknowledged' } as const;
      }),
    ),
    ...{ isServed: () => true, within_ms: 100, timeout_ms: 1_000, ttl_ms: 2_000 },
  };
  const stretches = (events: readonly RunEvent[]) => {
    const run = timeline(events);
    return procedureStretches(run, run.disaster!, clients);
  };
  const words = (all: readonly Stretch[]) =>
    all.map(({ from_ms, to_ms, cause }) => [from_ms, to_ms, cause]);
  const begins = (step: string, t: number) => event({ t, event: 'step.started', step });
  const ends = (step: string, t: number) => event({ t, event: 'step.ended', step, ms: 1 });
  const kind = (all: readonly Stretch[], name: string) =>
    words(all.filter(({ cause }) => cause.kind === name));

  it('has each step since the fault, to its end or its failure', () => {
    const events = [
      ...[begins('early', 4_999), ends('early', 5_100), begins('a', STARTED), ends('b', 5_200)],
      ...[ends('a', 4_990), ends('a', 5_300), begins('b', 5_300), begins('c', 5_400)],
      event({ t: 5_350, event: 'step.failed', step: 'b', reason: 'no' }),
      ...[begins('at once', 5_500), ends('at once', 5_500)],
    ];
    const steps = [
      [5_000, 5_300, { kind: 'step', step: 'a' }],
      [5_300, 5_350, { kind: 'step', step: 'b' }],
      [5_500, 5_500, { kind: 'step', step: 'at once' }],
    ];
    for (const phase of Object.values(stretches(events))) {
      expect(words(phase)).to.deep.equal(steps);
    }
  });

  it('has the fence from the step at whose end it was proved', () => {
    const proved = (t: number) =>
      event({ t, event: 'fence.proved', checks: [{ name: 'a', ok: true, detail: '' }] });
    const fence = (...events: RunEvent[]) => kind(stretches(events).fence, 'fence');
    const cause = { kind: 'fence', checks: 1 };
    const steps = [begins('a', 4_900), begins('b', 5_000), begins('c', 5_200), begins('d', 5_301)];
    expect(fence(...steps, proved(4_950), proved(5_300))).to.deep.equal([[5_200, 5_300, cause]]);
    expect(fence(...steps, proved(5_199))).to.deep.equal([[5_000, 5_199, cause]]);
    expect(fence(...steps, proved(5_200))).to.deep.equal([[5_200, 5_200, cause]]);
    expect(fence(begins('b', 5_000), proved(5_000))).to.deep.equal([[5_000, 5_000, cause]]);
    expect(fence(begins('a', 4_900), proved(5_100))).to.deep.equal([]);
    expect(fence(...steps)).to.deep.equal([]);
    expect(fence(proved(5_300))).to.deep.equal([]);
  });

  it('has the promotion of each node from its request, the one that took longest first', () => {
    const asked = (t: number, node = 'west/postgres') =>
      event({ t, event: 'promote.sent', node, again: false });
    const writable = (t: number, node = 'west/postgres', replay_bytes?: number) =>
      event({
        t,
        event: 'database.writable',
        node,
        timeline: 2,
        ...(replay_bytes && { replay_bytes }),
      });
    const promoted = (...events: RunEvent[]) => kind(stretches(events).promote, 'promotion');
    const redis = 'west/redis';
    const of = (node: string, count: number, replay_bytes: number | null = null) => {
      return { kind: 'promotion', node, asked: count, replay_bytes };
    };
    const both = [
      ...[asked(4_999), asked(5_010, redis), asked(5_000), asked(5_050), asked(5_101)],
      ...[writable(4_999, redis), writable(5_090, redis), writable(5_100, undefined, 64)],
    ];
    expect(promoted(...both)).to.deep.equal([
      [5_000, 5_100, of('west/postgres', 2, 64)],
      [5_010, 5_090, of(redis, 1)],
    ]);
    expect(promoted(asked(5_100), writable(5_099))).to.deep.equal([]);
    expect(promoted(asked(5_100), writable(5_100))).to.deep.equal([
      [5_100, 5_100, of('west/postgres', 1)],
    ]);
  });

  it('has the parts of a restore, which end with the first write', () => {
    const restored = (t: number) => {
      const times = { copy_ms: 100, verify_ms: 20, replay_ms: 50 };
      return event({ t, event: 'database.restored', node: 'a', backup: 'b2', ...times });
    };
    const writable = (t: number) => event({ t, event: 'database.writable', node: 'a' });
    const taken = (name: string, bytes: number) =>
      event({ t: 100, event: 'backup.taken', name, bytes });
    const parts = (...events: RunEvent[]) => words(stretches(events).restore);
    const all = (bytes: number | null) => [
      [5_950, 6_000, { kind: 'log-replay' }],
      [5_930, 5_950, { kind: 'backup-check', bytes }],
      [5_830, 5_930, { kind: 'backup-copy', bytes }],
    ];
    const before = [restored(4_999), writable(4_999), taken('b1', 7), taken('b2', 9)];
    expect(parts(...before, restored(6_001), writable(6_000))).to.deep.equal(all(9));
    expect(parts(restored(STARTED), writable(6_000))).to.deep.equal(all(null));
    expect(parts(...before, writable(6_000))).to.deep.equal([]);
    expect(parts(...before, restored(6_001))).to.deep.equal([]);
    expect(parts(restored(STARTED), writable(STARTED)).length).to.equal(3);
  });

  it('has the starts of apps of other regions since the fault, the last one first', () => {
    const started = (node: string, t: number, ms = 85) =>
      event({ t, event: 'node.started', node, pid: 1, ms });
    const events = [
      ...[
        started('west/app-1', 4_999),
        started('west/app-2', STARTED),
        started('west/app-30', 5_300),
      ],
      ...[
        started('east/app-1', 5_200),
        started('west/app-x', 5_200),
        started('west/app-1/a', 5_200),
      ],
      ...[started('west/postgres', 5_200), started('west/xapp-1', 5_200)],
    ];
    expect(kind(stretches(events).start, 'app-start')).to.deep.equal([
      [5_215, 5_300, { kind: 'app-start', node: 'west/app-30' }],
      [4_915, 5_000, { kind: 'app-start', node: 'west/app-2' }],
    ]);
  });

  it('has the wait of an app for its database from the step that waits', () => {
    const ready = (t: number, region = 'west') =>
      event({ t, event: 'app.ready', region, instances: 2 });
    const waited = (...events: RunEvent[]) => kind(stretches(events).start, 'app-ready');
    const cause = { kind: 'app-ready', region: 'west', instances: 2 };
    const steps = [begins('a', 4_900), begins('b', 5_000), begins('c', 5_200), begins('d', 5_301)];
    expect(waited(...steps, ready(4_950), ready(5_250, 'east'), ready(5_300))).to.deep.equal([
      [5_200, 5_300, cause],
    ]);
    expect(waited(begins('b', 5_000), ready(5_000))).to.deep.equal([[5_000, 5_000, cause]]);
    expect(waited(begins('a', 4_900), ready(5_100))).to.deep.equal([]);
    expect(waited(...steps)).to.deep.equal([]);
    expect(waited(ready(5_300))).to.deep.equal([]);
  });

  it('has the wait for a question of DNS, from the end of the step that redirects', () => {
    const ready = (t: number, region = 'west') =>
      event({ t, event: 'app.ready', region, instances: 2 });
    const asked = (t: number, region = 'west') => event({ t, event: 'gslb.redirected', region });
    const waited = (...events: RunEvent[]) => kind(stretches(events).redirect, 'no-question');
    const cause = { kind: 'no-question', clients: 2, ttl_ms: 2_000 };
    const others = [ready(4_999), asked(4_999), ready(5_050, 'east'), asked(5_500, 'east')];
    const all = [...others, ready(5_300), ends('a', 5_299), ends('b', 5_300), ends('c', 5_310)];
    expect(waited(...all, asked(5_600))).to.deep.equal([[5_300, 5_600, cause]]);
    expect(waited(...all, asked(5_300))).to.deep.equal([[5_300, 5_300, cause]]);
    expect(waited(...all, asked(5_299)), 'it asked before').to.deep.equal([]);
    expect(waited(...all)).to.deep.equal([]);
    expect(waited(ends('b', 5_300), asked(5_600))).to.deep.equal([]);
    expect(waited(ready(5_300), asked(5_600))).to.deep.equal([]);
    const at = STARTED;
    expect(waited(ready(at), ends('b', at), asked(at))).to.deep.equal([[at, at, cause]]);
  });
});
