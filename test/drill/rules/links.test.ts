// What is said of links that are too long for what has to cross them.
import { expect } from 'chai';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { of, refused, type Row } from '../../support/plan/strategy-file.ts';

const SYNC = 'replication: { mode: sync }';
const between = (delay: string) => `links: { east-west: { ${delay} } }`;
const both = (one: string, other: string) => ({ topology: `${one}\n  ${other}` });

const SHORT_OF_TIME = 'raise workload.timeout, or lower the latency of the link';

const REFUSED: readonly Row[] = [
  ...(['warm-standby', 'pilot-light'] as const).map((strategy): Row => [
    `a commit of ${strategy} that takes as long as its client waits`,
    strategy,
    both(SYNC, between('latency: 490ms, jitter: 10ms')),
    `7:34: error: topology.links.east-west.latency: with mode: sync no write would be acknowledged: a round trip over east-west takes up to 1 s, and clients wait 1 s; ${SHORT_OF_TIME}`,
  ]),
  [
    'a client that waits for less than the link that nobody stated',
    'warm-standby',
    { topology: SYNC, more: 'workload: { timeout: 44ms }' },
    `9:22: error: workload.timeout: with mode: sync no write would be acknowledged: a round trip over east-west takes up to 44 ms, and clients wait 44 ms; ${SHORT_OF_TIME}`,
  ],
  [
    'a commit that waits for a receiver for too long',
    'backup-restore',
    both('backup: { wal: receive-sync }', between('latency: 600ms')),
    `7:34: error: topology.links.east-west.latency: with wal: receive-sync no write would be acknowledged: a round trip over east-west takes up to 1.2 s, and clients wait 1 s; ${SHORT_OF_TIME}`,
  ],
  [
    'more commits than connections can wait for',
    'warm-standby',
    { ...both(SYNC, between('latency: 100ms')), more: 'workload: { rate: 201/s }' },
    '10:19: error: workload.rate: with mode: sync region east commits 200/s at most, too few for 201/s: 2 × 20 connections, each taken for a round trip over east-west of up to 200 ms; there would be no steady state',
  ],
  [
    'a health check that is answered too late',
    'warm-standby',
    { topology: 'links: { clients-west: { latency: 120ms, jitter: 5ms } }' },
    '6:37: error: topology.links.clients-west.latency: a round trip over clients-west takes up to 250 ms, and a health check waits 250 ms; region west would never be healthy: raise topology.gslb.timeout',
  ],
  [
    'requests that are answered too late',
    'active-active',
    both('links: { clients-east: { latency: 600ms } }', 'gslb: { timeout: 5s }'),
    '7:37: error: topology.links.clients-east.latency: a round trip over clients-east takes up to 1.2 s, and clients wait 1 s; no request would be answered in time: raise workload.timeout',
  ],
];

describe('links in a drill file', () => {
  for (const row of REFUSED) refused(row);

  it('give rise to no word where there is time, or where nothing waits for them', () => {
    const reads = 'workload: { rate: 400/s, reads: 50% }';
    const fine = [
      of('warm-standby', { ...both(SYNC, between('latency: 100ms')), more: '' }),
      of('warm-standby', { ...both(SYNC, between('latency: 100ms')), more: reads }),
      of('warm-standby', { topology: between('latency: 2s') }),
      of('backup-restore', both('backup: { wal: receive }', between('latency: 2s'))),
      of('active-active', { topology: between('latency: 2s') }),
      of('warm-standby', { topology: 'links: { clients-east: { latency: 124ms } }' }),
    ];
    for (const text of fine) {
      expect(heads(text), text).to.deep.equal([]);
      expect(parse(text).drill, text).not.to.equal(null);
    }
  });
});
