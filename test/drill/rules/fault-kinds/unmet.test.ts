// What `drill check` says of faults that no client could meet.
import { expect } from 'chai';
import { GOOD, heads } from '../../../support/plan/drill-file.ts';
import { withoutDisaster } from '../../../support/plan/without-disaster.ts';

const chaos = (...faults: readonly string[]) => withoutDisaster(faults.join('\n  - '));
const beside = (...faults: readonly string[]) =>
  GOOD.replace(
    /^ {2}- /m,
    (line) => `${faults.map((fault) => `${line}${fault}\n`).join('')}${line}`,
  );
const ERRORS = '{ at: 1500ms, kind: app-errors, node: east/app-1, for: 1s }';
const CUT = '{ at: 1s, kind: partition, link: clients-east, for: 3s }';
const DEAD = (app: string) => `{ at: 1s, kind: kill-node, node: ${app}, for: 3s }`;

const TABLE: readonly (readonly [text: string, message: RegExp])[] = [
  // Nobody is led there.
  [
    chaos('{ at: 1s, kind: latency, link: clients-west, for: 1s }'),
    /error: faults\.0\.link: nobody crosses clients-west while its region is the standby: no client/,
  ],
  [
    chaos('{ at: 1s, kind: lose-network, region: west, of: clients, for: 1s }'),
    /error: faults\.0\.region: nobody crosses clients-west while its region is the standby/,
  ],
  [
    chaos(DEAD('west/app-1')),
    /error: faults\.0\.node: nobody is served by west\/app-1 while its region is the standby: no/,
  ],
  [
    beside('{ at: 0s, kind: app-slow, node: west/app-1, for: 1s }'),
    /error: faults\.0\.node: nobody is served by west\/app-1 .*, and it is over before the disaster/,
  ],
  [
    chaos(ERRORS).concat('workload: { via: sql }\n'),
    /error: faults\.0\.node: with via: sql clients go around east\/app-1: no client would meet it/,
  ],
  // Something on the way is silent.
  ...[
    CUT,
    CUT.replace('partition', 'refuse'),
    CUT.replace('partition', 'blackhole'),
    CUT.replace('partition', 'reset-connections'),
    '{ at: 1s, kind: lose-network, region: east, of: clients, for: 3s }',
  ].map((cut) => {
    const message =
      /error: faults\.1\.node: faults\.0 \(\S+\) has clients-east answer nobody all that/;
    return [chaos(cut, ERRORS), message] as const;
  }),
  [
    chaos('{ at: 1s, kind: lose-region, region: east, how: freeze, for: 3s }', ERRORS),
    /error: faults\.1\.node: faults\.0 \(lose-region\) has east answer nobody all that time/,
  ],
  [
    chaos(CUT, '{ at: 1500ms, kind: lock-table, for: 1s }'),
    /error: faults\.1\.kind: faults\.0 \(partition\) has clients-east answer nobody/,
  ],
  [
    chaos(CUT, '{ at: 2s, kind: restart-node, node: east/app-1 }'),
    /error: faults\.1\.node: faults\.0 \(partition\) has clients-east answer nobody/,
  ],
  [
    chaos('{ at: 1s, kind: latency, link: clients-east, for: 1s }', CUT),
    /error: faults\.0\.link: faults\.1 \(partition\) has clients-east answer nobody/,
  ],
  [
    chaos(
      DEAD('east/app-1'),
      DEAD('east/app-2').replace('kill-node', 'freeze-node'),
      '{ at: 1500ms, kind: stress-cpu, node: east/postgres, for: 1s }',
    ),
    /faults\.2\.node: faults\.0 \(kill-node\) and faults\.1 \(freeze-node\) have no app of east answer/,
  ],
  [
    beside('{ at: 2s, kind: app-slow, node: east/app-1 }'),
    /error: faults\.0\.node: faults\.1 \(lose-region\) has east answer nobody all that time/,
  ],
];

const MET = [
  chaos(DEAD('east/app-1')),
  // It begins before, or ends after.
  chaos(CUT, ERRORS.replace('1500ms', '500ms')),
  chaos(CUT, ERRORS.replace('for: 1s', 'for: 5s')),
  chaos(DEAD('east/app-1'), '{ at: 1500ms, kind: lock-table, for: 1s }'),
  // The standby of a store, and whoever is cut off from more than its clients.
  chaos('{ at: 1s, kind: lose-region, region: west, how: freeze, for: 1s }'),
  chaos('{ at: 1s, kind: kill-node, node: west/postgres, for: 1s }'),
  beside('{ at: 1s, kind: app-slow, node: east/app-1 }'),
  beside('{ at: 1s, kind: app-slow, node: west/app-1 }'),
  beside('{ at: 1s, kind: latency, link: clients-west }'),
];

describe('a fault that no client could meet', () => {
  for (const [text, message] of TABLE) {
    it(`is refused: ${message.source}`, () => {
      expect(heads(text).join('\n')).to.match(message);
    });
  }

  it('is not one that some client can', () => {
    const wrong = MET.flatMap((text) => heads(text).filter((head) => head.includes(' error: ')));
    expect(wrong).to.deep.equal([]);
  });
});
