// Which faults and targets belong to which strategy: what does not fit is refused with its place
// and with what would fit.
import { expect } from 'chai';
import { heads } from '../../support/plan/drill-file.ts';
import { LOST, of, refused, type Row } from '../../support/plan/strategy-file.ts';

const PLANNED = 'at: 2s, kind: maintenance, region: east';
const MISTAKE = 'at: 2s, kind: corrupt-data';
const CUT = 'at: 2s, kind: partition, for: 2s';
const BROKEN = 'at: beforehand, kind: break-archive';
const NOTICED = 'declare: after 1s';
const UNTIL = 'recover: { target: ';
const NO_DISASTER =
  'nothing recovers from it; add the disaster that it makes worse, such as { at: 5s, kind: lose-region, region: east }';

const FAULTS: readonly Row[] = [
  ...(['pilot-light', 'warm-standby'] as const).flatMap((strategy): Row[] => [
    [
      `a mistake in the data with ${strategy}`,
      strategy,
      { faults: [MISTAKE], more: NOTICED },
      `7:21: error: faults.0.kind: corrupt-data needs backups to tell of, and ${strategy} keeps none; backup-restore does`,
    ],
    [
      `a broken archive with ${strategy}`,
      strategy,
      { faults: [BROKEN, LOST] },
      `7:29: error: faults.0.kind: break-archive needs backups to tell of, and ${strategy} keeps none; backup-restore does`,
    ],
    [
      `a cut link to ride out with ${strategy}`,
      strategy,
      { faults: [CUT] },
      `7:21: error: faults.0.kind: with ${strategy} partition is no disaster by itself (active-active rides it out): ${NO_DISASTER}`,
    ],
  ]),
  ...(['pilot-light', 'warm-standby', 'backup-restore'] as const).flatMap((strategy): Row[] => [
    [
      `a slow link as the disaster of ${strategy}`,
      strategy,
      { faults: ['at: 2s, kind: latency'] },
      `7:21: error: faults.0.kind: with ${strategy} latency is no disaster by itself: ${NO_DISASTER}`,
    ],
    [
      `a slow link that is marked as the disaster of ${strategy}`,
      strategy,
      { faults: ['at: 2s, kind: latency, disaster: true'] },
      `7:40: error: faults.0.disaster: with ${strategy} latency is no disaster by itself: ${NO_DISASTER}`,
    ],
  ]),
  [
    'a slow link as the disaster of active-active',
    'active-active',
    { faults: ['at: 2s, kind: latency'] },
    `8:21: error: faults.0.kind: with active-active latency is no disaster by itself: ${NO_DISASTER}`,
  ],
  [
    'a broken archive as the disaster',
    'backup-restore',
    { faults: [BROKEN] },
    `7:29: error: faults.0.kind: with backup-restore break-archive is no disaster by itself: ${NO_DISASTER}`,
  ],
  [
    'the loss of the region that would take over',
    'active-active',
    { faults: ['at: 2s, kind: lose-region, region: west'] },
    '8:42: error: faults.0.region: with active-active the second region takes over from the first one, and west is the second: lose east, or put west before east in topology.regions',
  ],
  [
    'to take back what was only ridden out',
    'active-active',
    { faults: [CUT], more: 'failback: true' },
    '9:11: error: failback: no region is lost and no client moved for good where a link is ridden out, so there is nothing to take back; leave failback out',
  ],
  [
    'a broken archive where nothing is archived',
    'backup-restore',
    { topology: 'backup: { wal: receive-sync }', faults: [BROKEN, LOST] },
    '8:29: error: faults.0.kind: with wal: receive-sync nothing is archived; with wal: archive it is',
  ],
  [
    'a planned move without a standby',
    'backup-restore',
    { faults: [PLANNED], more: 'recover: { with: restore-backup }' },
    '7:21: error: faults.0.kind: maintenance is answered with switch-over, which does not fit backup-restore but warm-standby, pilot-light',
  ],
  [
    'a planned move between two regions that serve',
    'active-active',
    { faults: [PLANNED] },
    '8:21: error: faults.0.kind: maintenance is answered with switch-over, which does not fit active-active but warm-standby, pilot-light',
  ],
  ...(
    [
      ['lose-region, region: east', 'statement: delete', 48, 'region, how, disks, for'],
      ['lose-region, region: east', 'link: east-west', 48, 'region, how, disks, for'],
      ['lose-region, region: east', 'latency: 1s', 48, 'region, how, disks, for'],
      ['lose-region, region: east', 'share: 10%', 48, 'region, how, disks, for'],
      ['maintenance, region: east', 'how: kill', 48, 'region'],
      ['maintenance, region: east', 'for: 1s', 48, 'region'],
      ['corrupt-data', 'region: east', 35, 'statement, share'],
      ['corrupt-data', 'for: 1s', 35, 'statement, share'],
      ['break-archive', 'disks: kept', 36, 'for'],
      ['latency', 'how: freeze', 30, 'link, latency, jitter, from, for'],
      ['partition', 'latency: 1s', 32, 'link, from, for'],
    ] as const
  ).map(([fault, stranger, column, keys]): Row => {
    const [kind] = fault.split(',');
    const [key] = stranger.split(':');
    return [
      `${key} at ${kind}`,
      'backup-restore',
      { faults: [`at: 2s, kind: ${fault}, ${stranger}`], more: NOTICED },
      `7:${column}: error: faults.0.${key}: ${kind} has no ${key}; it has ${keys}`,
    ];
  }),
  ...(['slow-link', 'cut-link'] as const).map((former, at): Row => [
    `a fault by its name of before: ${former}`,
    'warm-standby',
    { faults: [`at: 1s, kind: ${former}`, LOST] },
    `7:21: error: faults.0.kind: ${former} is called ${['latency', 'partition'][at]} now`,
  ]),
  [
    'destroyed disks of a region that lives',
    'warm-standby',
    { faults: [`${LOST}, how: freeze, disks: destroyed`] },
    '7:68: error: faults.0.disks: how: freeze leaves the region alive, with its disks',
  ],
  [
    'a lost region that has no name',
    'warm-standby',
    { faults: ['at: 2s, kind: lose-region'] },
    '7:5: error: faults.0: lose-region needs a region: east or west',
  ],
  [
    'a link that is not there',
    'warm-standby',
    { faults: ['at: beforehand, kind: latency, link: east-wst', LOST] },
    '7:44: error: faults.0.link: no such link; did you mean east-west? There are east-west, clients-east, clients-west',
  ],
  ...(['lose-region, region: east', 'maintenance, region: east'] as const).map((fault): Row => [
    `${fault} before there is a steady state`,
    'warm-standby',
    { faults: [`at: beforehand, kind: ${fault}`] },
    `7:11: error: faults.0.at: without service there is no steady state: ${fault.split(',')[0]} needs a time after it`,
  ]),
  [
    'a disaster before the steady state',
    'active-active',
    { faults: ['at: beforehand, kind: partition, for: 2s'] },
    '8:11: error: faults.0.at: a disaster that came before the steady state shows nothing; partition needs a time after it, or a fault to be the disaster',
  ],
  [
    'a cut that never ends',
    'active-active',
    { faults: ['at: 2s, kind: partition'] },
    '8:5: error: faults.0: nothing but its end can be waited for: say when, with for',
  ],
  [
    'a mistake that nobody notices',
    'backup-restore',
    { faults: [MISTAKE], more: 'declare: automatic' },
    '8:10: error: declare: no health check sees that data was harmed; say how long it takes somebody: declare: after 2s, operator or a command',
  ],
  [
    'a mistake that is never undone before the disaster',
    'backup-restore',
    { faults: ['at: 1s, kind: corrupt-data', LOST], more: NOTICED },
    '7:21: error: faults.0.kind: corrupt-data does not end by itself, and the next fault begins 2 s after the steady state; leave one of them out',
  ],
];

const TARGETS: readonly Row[] = [
  [
    'a target of what replays all there is',
    'backup-restore',
    { more: `${UNTIL}before-fault }` },
    '8:12: error: recover.target: restore-backup has no target; it belongs to restore-to-point',
  ],
  ...(
    [
      [
        'before',
        20,
        '',
        'expected before-fault, { time: 2s }, { lsn: 0/16B3748 } or { name: a restore point }; got "before"',
      ],
      ['{ time: 48h }', 28, '.time', 'expected 1ms to 24h, got 48h'],
      ['{ lsn: xyz }', 27, '.lsn', 'expected a position such as 0/16B3748, got "xyz"'],
      ['{ name: "" }', 28, '.name', 'expected at least 1 characters'],
      ['{ tim: 2s }', 22, '.tim', 'unknown key; did you mean time?'],
      ['{ time: 2s, lsn: 0/1 }', 32, '.lsn', 'only one of time, lsn, name can stand here'],
    ] as const
  ).map(([target, column, key, said]): Row => [
    `the target ${target}`,
    'backup-restore',
    { faults: [MISTAKE], more: `${NOTICED}\n${UNTIL}${target} }` },
    `9:${column}: error: recover.target${key}: ${said}`,
  ]),
];

describe('the faults of a strategy', () => {
  for (const row of [...FAULTS, ...TARGETS]) refused(row);

  it('are told once where several rules speak of them', () => {
    for (const fault of ['at: 2s, kind: partition', 'at: beforehand, kind: latency']) {
      expect(heads(of('warm-standby', { faults: [fault] })), fault).to.have.lengthOf(1);
    }
  });

  it('may part or slow the other region, and lose it for a while before the disaster', () => {
    const frozen = 'at: 1s, kind: lose-region, region: west, how: freeze, for: 1s';
    const last = 'at: 4s, kind: lose-region, region: east, disaster: true';
    const cut = 'at: 2s, kind: partition, link: clients-west, for: 3s';
    for (const faults of [[frozen, last], [cut], ['at: 1s, kind: latency', CUT]]) {
      expect(heads(of('active-active', { faults })), faults.join('; ')).to.deep.equal([]);
    }
  });
});
