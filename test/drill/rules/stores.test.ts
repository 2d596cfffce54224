// What a drill file may say of faults on stores that run.
import { expect } from 'chai';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { LOST, of, refused } from '../../support/plan/strategy-file.ts';

const NO_REDIS = 'this system has no Redis; topology: { redis: {} } adds it';

describe('a fault on a store that runs', () => {
  refused([
    'a replica of Redis where there is no Redis',
    'warm-standby',
    { faults: ['at: 1s, kind: stop-replication, store: redis', LOST] },
    `7:46: error: faults.0.store: ${NO_REDIS}`,
  ]);
  refused([
    'carts that are not there',
    'warm-standby',
    { faults: ['at: 1s, kind: flush', LOST] },
    `7:21: error: faults.0.kind: ${NO_REDIS}`,
  ]);
  for (const kind of ['stop-replication', 'pause-replay']) {
    for (const strategy of ['backup-restore', 'active-active'] as const) {
      const line = strategy === 'active-active' ? 8 : 7;
      refused([
        `${kind} of a standby that ${strategy} has not`,
        strategy,
        { faults: [`at: 1s, kind: ${kind}`, LOST] },
        `${line}:21: error: faults.0.kind: ${kind} needs a standby, and ${strategy} has none; warm-standby and pilot-light have one`,
      ]);
    }
  }
  refused([
    'cancelled waits where nothing waits',
    'warm-standby',
    { faults: ['at: 1s, kind: cancel-sync-wait', LOST] },
    '7:21: error: faults.0.kind: no commit waits for a standby; topology: { replication: { mode: sync } } has them wait',
  ]);
  refused([
    'carts that are taken away without a target that counts them',
    'warm-standby',
    { topology: 'redis: {}', faults: ['at: 1s, kind: flush', LOST] },
    '8:21: error: faults.0.kind: it takes acknowledged writes away: say how many may be lost, with targets: { redis: { lost_writes: 1000 } }',
  ]);
  refused([
    'what cannot be done twice at once',
    'warm-standby',
    {
      faults: [
        'at: 500ms, kind: pause-replay, for: 1s',
        'at: 1s, kind: pause-replay, for: 900ms',
        LOST,
      ],
    },
    '7:43: error: faults.0.for: its end can also end faults.1 (pause-replay), which still holds the replay of west/postgres then, until 1.9 s after the steady state; let one be over before the other begins',
  ]);

  it('goes with others, and hits the node of its store', () => {
    const faults = [
      'at: 500ms, kind: stop-replication, for: 1s',
      'at: 500ms, kind: stop-replication, store: redis, for: 1s',
      'at: 1s, kind: pause-replay, for: 900ms',
      'at: 1s, kind: flush',
      LOST,
    ];
    const targets = 'rpo: 1s, redis: { lost_writes: 1000 }';
    const text = of('warm-standby', { topology: 'redis: {}', targets, faults });
    expect(heads(text).filter((head) => head.includes('error'))).to.deep.equal([]);
    expect(parse(text).drill).not.to.equal(null);
  });
});
