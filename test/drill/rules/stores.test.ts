// What a drill file may say of faults on stores that run.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { LAB_STRATEGIES } from '../../../src/drill/names.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { LOST, of, refused } from '../../support/plan/strategy-file.ts';

const LATER = 'at: 12s, kind: lose-region, region: east';
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
  const SYNC = 'replication: { mode: sync }\n  redis: {}';
  const CANCEL = 'at: 1s, kind: cancel-sync-wait, for: 1s';
  const FOLLOWS =
    /the standby follows when it begins, so that no commit waits and nothing is cancell/;
  for (const beside of [
    [CANCEL],
    [CANCEL, 'at: 1s, kind: stop-replication, for: 3s'],
    ['at: 0s, kind: stop-replication, for: 900ms', CANCEL],
    ['at: 0s, kind: stop-replication, store: redis, for: 3s', CANCEL],
    ['at: 0s, kind: pause-replay, for: 3s', CANCEL],
    ['at: 0s, kind: latency, link: clients-east, for: 3s', CANCEL],
  ]) {
    it(`refuses cancelled waits beside a standby that follows: ${beside.join('; ')}`, () => {
      const text = of('warm-standby', { topology: SYNC, faults: [...beside, LATER] });
      expect(heads(text).join('\n')).to.match(FOLLOWS);
    });
  }
  it('may cancel waits for a standby that is kept from following', () => {
    for (const stalls of [
      'at: 1s, kind: stop-replication, for: 3s',
      'at: 0s, kind: partition, for: 3s',
      'at: 0s, kind: lose-network, region: west, of: replication, for: 3s',
      'at: 0s, kind: lose-region, region: west, how: freeze, for: 3s',
      'at: 0s, kind: freeze-node, node: west/postgres, for: 3s',
    ]) {
      const text = of('warm-standby', { topology: SYNC, faults: [stalls, CANCEL, LATER] });
      expect(heads(text).join('\n'), stalls).not.to.match(FOLLOWS);
    }
  });
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
  for (const ending of [
    'kind: kill-node, node: west/postgres, for: 4s',
    'kind: crash-loop, node: west/postgres, for: 4s',
    'kind: lose-region, region: west, how: freeze, for: 4s',
  ]) {
    const kind = /kind: ([\w-]+)/.exec(ending)![1];
    refused([
      `a replication that is to go on while its store is down by ${kind}`,
      'warm-standby',
      { faults: ['at: 1s, kind: stop-replication, for: 3s', `at: 2s, ${ending}`, LATER] },
      `7:44: error: faults.0.for: faults.1 (${kind}) can have west/postgres down when it is over, and only in a store that runs can it be undone; let it end before or after that`,
    ]);
    refused([
      `what is to begin in a store that is down by ${kind}`,
      'warm-standby',
      { faults: [`at: 1s, ${ending}`, 'at: 2s, kind: stop-replication, for: 9s', LATER] },
      `8:11: error: faults.1.at: faults.0 (${kind}) can have west/postgres down when it begins, and only a store that runs is disturbed; let one be over before the other`,
    ]);
  }
  refused([
    'an archive that is to work again in a server that is down',
    'backup-restore',
    {
      faults: [
        'at: 500ms, kind: break-archive, for: 2s',
        'at: 2s, kind: kill-node, node: east/postgres, disaster: true',
      ],
    },
    '7:44: error: faults.0.for: faults.1 (kill-node) can have east/postgres down when it is over, and only in a store that runs can it be undone; let it end before or after that',
  ]);

  it('may last while its store dies and comes back, or until both are healed at the end', () => {
    const killed = 'at: 1s, kind: kill-node, node: west/postgres';
    for (const [lasts, dead] of [
      [', for: 5s', ', for: 1s'],
      ['', ', for: 1s'],
      ['', ''],
    ] as const) {
      const stopped = `at: 500ms, kind: stop-replication${lasts}`;
      const faults = [stopped, `${killed}${dead}`, LATER];
      const found = heads(of('warm-standby', { faults }));
      expect(
        found.filter((head) => head.includes('error')),
        dead,
      ).to.deep.equal([]);
    }
  });

  const DAMAGED = ['at: 1s, kind: corrupt-page'];
  refused([
    'a damaged page that health checks are to see',
    'warm-standby',
    { faults: DAMAGED },
    '1:1: error: declare: no health check sees what corrupt-page does; say how long it takes somebody: declare: after 2s, operator or a command',
  ]);
  refused([
    'a damaged page that ends by itself',
    'warm-standby',
    { faults: [`${DAMAGED[0]}, for: 1s`], more: 'declare: after 1s' },
    '7:35: error: faults.0.for: corrupt-page has no for; it has no settings of its own',
  ]);

  it('can be a damaged page, which every strategy recovers from', () => {
    const more = 'declare: after 1s\nworkload: { reads: 20% }';
    for (const strategy of LAB_STRATEGIES) {
      const text = of(strategy, { faults: DAMAGED, more });
      expect(heads(text), strategy).to.deep.equal([]);
      const { recover } = planDrill(parse(text).drill!, 1, '');
      expect(recover.with).to.equal(STRATEGY_FACTS[strategy].recovery);
    }
  });

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
