// What a drill file may say of faults on single nodes.
import { expect } from 'chai';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { LOST, of, refused } from '../../support/plan/strategy-file.ts';

const KILL = 'kind: kill-node';
const NODES = 'There are east/postgres, east/app-1, east/app-2, west/postgres, west/app-1';
const kept = (faults: readonly string[]) => heads(of('warm-standby', { faults }));

describe('a fault on a node', () => {
  refused([
    'a node that is not there',
    'warm-standby',
    { faults: [`at: 1s, ${KILL}, node: east/app-9`, LOST] },
    `7:38: error: faults.0.node: no such node; did you mean east/app-1? ${NODES}`,
  ]);
  refused([
    'a node of no region',
    'warm-standby',
    { faults: [`at: 1s, ${KILL}, node: north/redis`, LOST] },
    `7:38: error: faults.0.node: no such node. ${NODES}`,
  ]);
  refused([
    'an instance that only the recovery starts',
    'pilot-light',
    { faults: [`at: 1s, ${KILL}, node: west/app-1`, LOST] },
    '7:38: error: faults.0.node: no such node; did you mean east/app-1? There are east/postgres, east/app-1, east/app-2, west/postgres',
  ]);
  refused([
    'errors of what is no app instance',
    'warm-standby',
    { faults: ['at: 1s, kind: app-errors, node: east/postgres', LOST] },
    '7:39: error: faults.0.node: expected an app instance such as east/app-1, got east/postgres',
  ]);
  refused([
    'a full disk of what has none',
    'warm-standby',
    { faults: ['at: 1s, kind: fill-disk, node: east/app-1', LOST], more: 'runtime: compose' },
    '7:38: error: faults.0.node: expected a store such as east/postgres, got east/app-1, which writes to no disk',
  ]);
  refused([
    'a full disk of a Redis that writes to none',
    'warm-standby',
    {
      topology: 'redis: { appendonly: no }',
      faults: ['at: 1s, kind: fill-disk, node: east/redis, for: 500ms', LOST],
      more: 'runtime: compose',
    },
    '8:38: error: faults.0.node: with topology.redis.appendonly: no east/redis writes nothing to its disk',
  ]);
  refused([
    'errors and late answers of one instance at once',
    'warm-standby',
    {
      faults: [
        'at: 1s, kind: app-errors, node: east/app-1, for: 2s',
        'at: 2s, kind: app-slow, node: east/app-1, for: 2s',
        LOST,
      ],
    },
    '8:37: error: faults.1.node: faults.0 (app-errors) can have east/app-1 at the same time; let one be over before the other begins',
  ]);
  refused([
    'a fault without its node',
    'warm-standby',
    { faults: [`at: 1s, ${KILL}`, LOST] },
    '7:5: error: faults.0.node: this key is required and missing',
  ]);
  refused([
    'two faults that have the same node at once',
    'warm-standby',
    {
      faults: [
        `at: 1s, ${KILL}, node: east/app-1`,
        `at: 2s, ${KILL}, node: east/app-1, for: 1s`,
        LOST,
      ],
    },
    '8:38: error: faults.1.node: faults.0 (kill-node) can have east/app-1 at the same time; let one be over before the other begins',
  ]);

  refused([
    'a restart of a node that is dead',
    'warm-standby',
    {
      faults: [
        `at: 1s, ${KILL}, node: east/app-1, for: 500ms`,
        'at: 1200ms, kind: restart-node, node: east/app-1',
        LOST,
      ],
    },
    '8:45: error: faults.1.node: faults.0 (kill-node) can have east/app-1 at the same time; let one be over before the other begins',
  ]);
  refused([
    'a loop that is over before it is one',
    'warm-standby',
    {
      faults: ['at: 200ms, kind: crash-loop, node: east/app-1, every: 500ms, for: 1400ms', LOST],
    },
    '7:73: error: faults.0.for: a node that dies every 500 ms is in no loop yet when that is over; let it last 1.5 s at least, or die more often',
  ]);
  refused([
    'a node that goes on with the region that stands still around it',
    'warm-standby',
    {
      faults: [
        'at: 1s, kind: freeze-node, node: east/app-1, for: 2s',
        'at: 2s, kind: lose-region, region: east, how: freeze',
      ],
    },
    '7:57: error: faults.0.for: its end can also end faults.1 (lose-region), which still holds east then and until the end of the run; let one be over before the other begins',
  ]);

  it('that is a restart is over at once', () => {
    const restarted = 'at: 500ms, kind: restart-node, node: east/app-1';
    const later = `at: 600ms, ${KILL}, node: east/app-1, for: 1s`;
    const frozen = 'at: 2s, kind: lose-region, region: east, how: freeze, for: 5s';
    expect(kept([restarted, later, frozen])).to.deep.equal([]);
  });

  it('may come again once it is over, and hit two nodes at once', () => {
    const once = `at: 500ms, ${KILL}, node: east/app-1, for: 1s`;
    const later = `at: 1600ms, ${KILL}, node: east/app-1`;
    const other = `at: 500ms, ${KILL}, node: east/app-2, for: 1s`;
    expect(kept([once, later, other, 'at: 3s, kind: lose-region, region: east'])).to.deep.equal([]);
  });

  it('is a disaster where the disk of what clients write to is full, which loses what is fenced', () => {
    const full = (more: string) =>
      of('warm-standby', {
        targets: 'lost_writes: 0',
        faults: [`at: 1s, kind: fill-disk, node: east/postgres${more}`],
        more: 'runtime: compose',
      });
    expect(heads(full('')).join()).to.contain('targets.lost_writes: ');
    expect(parse(full('')).drill).not.to.equal(null);
    expect(parse(full(', free: 5%')).drill).to.equal(null);
  });

  it('is a disaster where a region that serves loses its store, and none else', () => {
    for (const [node, service, state] of [
      ['east/postgres', 'lost', 'dead'],
      ['west/postgres', 'degraded', 'dead'],
      ['east/app-1', 'degraded', 'dead'],
    ] as const) {
      const { drill } = parse(of('warm-standby', { faults: [`at: 1s, ${KILL}, node: ${node}`] }));
      const refusal = kept([`at: 1s, ${KILL}, node: ${node}`]);
      expect(refusal.length === 0, `${node} ${state}`).to.equal(service === 'lost');
      expect(drill === null).to.equal(service !== 'lost');
    }
  });
});
