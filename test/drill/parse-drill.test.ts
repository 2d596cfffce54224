import { expect } from 'chai';
import { FAULT_KINDS } from '../../src/drill/fault/registry.ts';
import { GOOD, heads, parse } from '../support/plan/drill-file.ts';

/** Text put in place of another, or added at the end; and what is said then. */
const TABLE: readonly (readonly [string, string, string])[] = [
  [
    '15s',
    '15',
    'a.yaml:3:17: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got the number 15; did you mean 15s?',
  ],
  [
    '15s',
    '5 sec',
    'a.yaml:3:17: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got "5 sec"',
  ],
  [
    '15s',
    '5 s',
    'a.yaml:3:17: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got "5 s"; did you mean 5s?',
  ],
  ['15s', '48h', 'a.yaml:3:17: error: targets.rto: expected 0s to 24h, got 48h'],
  ['rpo:', 'rpoo:', 'a.yaml:3:22: error: targets.rpoo: unknown key; did you mean rpo?'],
  ['rto: 15s, ', '', 'a.yaml:3:1: error: targets.rto: this key is required and missing'],
  [
    'name: good',
    'name: 5',
    'a.yaml:2:7: error: name: expected a name of lower-case letters, digits and dashes, beginning with a letter or digit, 40 at most; got the number 5',
  ],
  ['drill: 1', 'drill: 2', 'a.yaml:1:8: error: drill: expected 1, got the number 2'],
  [
    'warm-standby',
    'warm-standbye',
    'a.yaml:5:13: error: topology.strategy: expected backup-restore or pilot-light or warm-standby or active-active or own-system, got "warm-standbye"; did you mean warm-standby?',
  ],
  [
    'lose-region',
    'lose-regoin',
    `a.yaml:7:21: error: faults.0.kind: expected one of the ${FAULT_KINDS.length} faults that drill list faults names, got "lose-regoin"; did you mean lose-region?`,
  ],
  [
    'region: east',
    'region: est',
    'a.yaml:7:42: error: faults.0.region: there is no region "est"; did you mean east?',
  ],
  [
    'region: east',
    'region: west',
    'a.yaml:7:42: error: faults.0.region: west is the standby: without it there is nothing to promote; lose the active region, or say disaster: none',
  ],
  ['at: 2s', 'at: 4s..1s', 'a.yaml:7:11: error: faults.0.at: 4s..1s ends before it begins'],
  [
    '  - { at: 2s, kind: lose-region, region: east }',
    '  []',
    'a.yaml:7:3: error: faults: expected at least 1 item, got an empty list',
  ],
  [
    'rpo: 1s',
    'failback_rto: 5s',
    'a.yaml:3:36: error: targets.failback_rto: without failback: true there is none',
  ],
  [
    '',
    'stores: [redis]',
    'a.yaml:8:1: error: stores: a choice of stores is described but not built yet in this version',
  ],
  [
    '',
    'workload: { carts: 5/s }',
    'a.yaml:8:13: error: workload.carts: this system has no Redis; topology: { redis: {} } adds it',
  ],
  [
    '',
    'runtime: elsewhere',
    'a.yaml:8:10: error: runtime: expected auto or embedded or compose or attached, got "elsewhere"',
  ],
  [
    '',
    'strategy: pilot-light',
    'a.yaml:8:1: error: strategy: unknown key here; its place is topology.strategy',
  ],
  [
    '',
    'declare: { comand: [a], command: [b] }',
    'a.yaml:8:12: error: declare.comand: unknown key; did you mean command?',
  ],
  [
    '',
    'declare: afer 5s',
    'a.yaml:8:10: error: declare: expected automatic, operator, `after 5s` or { command: [program, argument, …] }; got "afer 5s"',
  ],
  [
    '',
    'declare: after 2m',
    'a.yaml:8:10: error: declare: nothing can be measured: detection and declaration alone can take 2 m 01 s, and the deadline is 30 s after the disaster',
  ],
  [
    '',
    'recover: { deadline: 10s }',
    'a.yaml:8:22: error: recover.deadline: the deadline ends the measurement before the target of 15 s is reached',
  ],
  [
    '',
    'workload: { rate: 500/s }',
    'a.yaml:8:19: error: workload.rate: 500/s is more than region east serves: 2 × 200/s = 400/s; there would be no steady state',
  ],
  [
    '',
    'workload: { via: sql, rate: 2000/s }',
    'a.yaml:8:18: error: workload.via: via: sql needs 2 × rate × timeout = 4000 connections; the database has 800 for clients. Lower workload.rate or workload.timeout',
  ],
  [
    '',
    'workload: { rate: 300/s, timeout: 10s }',
    'a.yaml:8:19: error: workload.rate: when a region hangs, rate × timeout = 3000 operations wait at once; the workload has connections for 2000. Lower workload.rate or workload.timeout',
  ],
  [
    '',
    'workload: { reads: 100% }',
    'a.yaml:8:20: error: workload.reads: with reads alone nothing is written, so no loss can be measured',
  ],
  [
    '',
    'sustain: { within: 2s }',
    'a.yaml:8:20: error: sustain.within: no answer comes later than the timeout of 1 s',
  ],
  ...['toString', 'valueOf', '__proto__'].map(
    (key) =>
      [
        '',
        `tags: { length: { ${key}: 1 } }`,
        `a.yaml:8:19: error: no key of a drill file is called ${key}; leave this out`,
      ] as const,
  ),
  ['', 'name: again', 'a.yaml:8:1: error: the key name stands here twice, first in line 2'],
  [
    'topology:',
    'topology:\n  gslb: { ttl: 1500ms }',
    'a.yaml:5:16: error: topology.gslb.ttl: expected whole seconds, because DNS counts nothing smaller; got 1.5s',
  ],
  [
    'topology:',
    'topology:\n  gslb: { ttl: 1h }',
    'a.yaml:5:16: error: topology.gslb.ttl: nothing can be measured: detection, declaration and the DNS answers that clients keep (ttl: 1 h 00 m) can take 1 h 00 m, and the deadline is 30 s after the disaster',
  ],
  [
    'topology:',
    'topology:\n  links: { west-east: { latency: 5ms } }',
    'a.yaml:5:12: error: topology.links.west-east: no such link; did you mean east-west? There are east-west, clients-east, clients-west',
  ],
  [
    'topology:',
    'topology:\n  regions: { east: { role: active }, west: { role: active } }',
    'a.yaml:5:52: error: topology.regions.west.role: warm-standby has one active region and one standby, here two are active',
  ],
  [
    'topology:',
    'topology:\n  regions: { east: { role: active } }',
    'a.yaml:5:3: error: topology.regions: expected two regions, got 1: one active, one standby',
  ],
  [
    'topology:',
    'topology:\n  regions: { clients: { role: active }, east: { role: standby } }',
    'a.yaml:5:14: error: topology.regions.clients: no region can be called clients: that is who is at the end of an edge link',
  ],
  [
    'topology:',
    'topology:\n  regions: { east: { role: active }, west: { role: standby }, north: { role: standby } }',
    'a.yaml:5:70: error: topology.regions.north: a third region is described but not built yet in this version',
  ],
  [
    'topology:',
    'topology:\n  regions: { east: { role: active }, east: { role: standby } }',
    'a.yaml:5:38: error: the key east stands here twice, first in line 5',
  ],
];

/** What is said of drills that can be run and probably should not be. */
const WARNINGS: readonly (readonly [string, string, string])[] = [
  [
    'rto: 15s',
    'rto: 500ms',
    'a.yaml:3:17: warning: targets.rto: detection and declaration alone can take 1 s, longer than the target; expect this drill to fail',
  ],
  [
    'rto: 15s',
    'rto: 1500ms',
    'a.yaml:3:17: warning: targets.rto: detection, declaration and the DNS answers that clients keep (ttl: 1 s) can take 2 s, longer than the target; expect this drill to fail',
  ],
  [
    'rto: 15s',
    'rto: 500ms, rto_from: declaration',
    'a.yaml:3:17: warning: targets.rto: the DNS answers that clients keep can last 1 s, longer than the target; expect this drill to fail',
  ],
  [
    'rpo: 1s',
    'rpo: 0s',
    'a.yaml:3:27: warning: targets.rpo: zero loss with async replication is luck: what was not replicated yet is lost; replication: { mode: sync } keeps it',
  ],
  [
    'topology:',
    'topology:\n  links: { east-west: { latency: 5ms, jitter: 9ms } }',
    'a.yaml:5:47: warning: topology.links.east-west.jitter: the jitter is larger than the latency (5 ms); no delay is below zero',
  ],
  [
    '',
    'recover: { instances: 1 }\nworkload: { rate: 300/s }',
    'a.yaml:8:23: warning: recover.instances: after recovery region west serves 200/s, too little for 300/s; expect that service does not come back',
  ],
  [
    '',
    'workload: { rate: 20/s }',
    'a.yaml:8:19: warning: workload.rate: only 60 operations fall in the steady state, too few for a 99th percentile; 100 are a fair minimum',
  ],
];

function changed(from: string, to: string): string {
  return from === '' ? `${GOOD}${to}\n` : GOOD.replace(from, () => to);
}

describe('parseDrill', () => {
  it('reads a good file and fills in the defaults', () => {
    const { drill, diagnostics } = parse(GOOD);
    expect(diagnostics).to.deep.equal([]);
    expect(drill?.targets).to.deep.include({
      rto: 15_000,
      rpo: 1000,
      rto_from: 'fault',
      split_brain: 0,
    });
    expect(drill?.workload).to.deep.include({
      rate: 200,
      reads: 0,
      seed_rows: 100,
      timeout: 1000,
    });
    expect(drill?.topology.gslb).to.deep.equal({ every: 250, timeout: 250, failures: 3, ttl: 1 });
    expect(drill?.declare).to.deep.equal({ by: 'automatic' });
  });

  for (const [from, to, message] of TABLE) {
    it(`says of \`${to.replace('\n', ' ') || `no ${from}`}\`: ${message.slice(message.indexOf('error'), 90)}`, () => {
      expect(heads(changed(from, to))).to.include(message);
      expect(parse(changed(from, to)).drill).to.equal(null);
    });
  }

  for (const [from, to, message] of WARNINGS) {
    it(`warns of \`${to.replace('\n', ' ')}\` and goes on`, () => {
      expect(heads(changed(from, to))).to.deep.equal([message]);
      expect(parse(changed(from, to)).drill).not.to.equal(null);
    });
  }

  it('warns when zero loss is asked of fewer than 20 writes a second', () => {
    const text = `${GOOD.replace('rpo: 1s', 'lost_writes: 0')}workload: { rate: 19/s }\nsteady: { for: 1m }\n`;
    const [, fewWrites] = heads(text);
    expect(fewWrites).to.match(
      /^a.yaml:8:19: warning: workload.rate: about 19 writes are expected/,
    );
  });

  it('reports problems of every kind at once, in line order', () => {
    const text = GOOD.replace('15s', '15').replace('2s', 'soon').replace('east', 'est');
    const lines = parse(`${text}failback: maybe\n`).diagnostics.map(({ path }) => path);
    expect(lines).to.deep.equal(['targets.rto', 'faults.0.at', 'faults.0.region', 'failback']);
  });

  it('says nothing of values that stand in for broken ones', () => {
    const [only, ...others] = heads(`${GOOD}workload: { rate: 500 }\n`);
    expect(only).to.contain('workload.rate: expected a rate');
    expect(others).to.deep.equal([]);
  });

  it('takes all four forms of `declare`', () => {
    const forms = ['automatic', 'operator', 'after 5s', '{ command: [ask, "-v"] }'];
    const read = forms.map((form) => parse(`${GOOD}declare: ${form}\n`).drill?.declare);
    expect(read).to.deep.equal([
      { by: 'automatic' },
      { by: 'operator' },
      { by: 'after', after_ms: 5000 },
      { by: 'command', command: ['ask', '-v'] },
    ]);
  });
});
