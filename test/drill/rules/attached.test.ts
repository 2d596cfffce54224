// What `drill check` says of a system of somebody's own, and of a file that mixes it with one that
// drill makes.
import { expect } from 'chai';
import { ownCommands } from '../../../src/drill/consent/commands.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';

interface Parts {
  readonly head?: string;
  readonly system?: string;
  readonly topology?: string;
  readonly fault?: string;
  readonly more?: string;
}

const SERVERS = `    databases:
      east/db1: postgres://drill@10.0.1.11:5432/app
      west/db2: postgres://drill@10.0.2.11:5432/app
`;
const FAULT =
  '{ at: 2s, kind: command, region: east, run: [a], undo: [b], seen: { refuses: east/db1 } }';

function file({ head, system, topology = '', fault = FAULT, more = '' }: Parts = {}): string {
  return `drill: 1
name: own
${head ?? 'runtime: attached'}
targets: { rto: 60s }
topology:
  system:
${system ?? SERVERS}${topology}faults: [${fault}]
workload: { rate: 50/s }
${more}
`;
}

describe('a system of somebody’s own in a drill file', () => {
  it('is planned with its servers as nodes, and nothing of a lab', () => {
    expect(heads(file())).to.deep.equal([]);
    const plan = planDrill(parse(file()).drill!, 1, '');
    expect(plan).to.include({ strategy: 'own-system', gslb: null, backup: null, redis: null });
    expect(plan.replication).to.deep.equal({ mode: 'async', from: 'east', to: 'west' });
    expect(plan.workload.via).to.equal('sql');
    expect(plan.recover.with).to.equal('itself');
    expect(plan.declare).to.deep.equal({ by: 'nobody' });
    expect(plan.attached!.databases.map(({ node }) => node)).to.deep.equal([
      'east/db1',
      'west/db2',
    ]);
    expect(plan.attached!.clients).to.deep.equal({ by: 'list', connect_ms: 500 });
    expect(plan.regions.map(({ name, role }) => [name, role])).to.deep.equal([
      ['east', 'active'],
      ['west', 'standby'],
    ]);
  });

  it('may have three regions, an address for clients, and its commands', () => {
    const third = `${SERVERS}      north/db3: postgres://drill@[fe80::1]:5433/app
    clients: { sql: "[fe80::2]:5000" }
    primary: { http: "http://{host}:8008/primary" }
    recovers: with-commands
`;
    const more = 'recover: { steps: [ { title: promote, command: [./promote.sh, db2] } ] }';
    expect(heads(file({ system: third, more }))).to.deep.equal([]);
    const plan = planDrill(parse(file({ system: third, more })).drill!, 1, '');
    expect(plan.attached!.clients).to.deep.equal({ by: 'address', host: 'fe80::2', port: 5000 });
    expect(plan.recover.with).to.equal('commands');
    expect(plan.declare).to.deep.equal({ by: 'automatic' });
  });

  const told: readonly (readonly [title: string, parts: Parts, message: RegExp])[] = [
    ['a runtime that makes its own', { head: 'runtime: embedded' }, /say runtime: attached/],
    ['no runtime', { head: 'tags: [a]' }, /say runtime: attached/],
    [
      'a strategy of a lab',
      { topology: '  strategy: warm-standby\n' },
      /warm-standby is a system that drill makes/,
    ],
    [
      'Redis',
      { topology: '  redis: {}\n' },
      /topology.redis: belongs to a system that drill makes/,
    ],
    [
      'regions beside its servers',
      { topology: '  regions: { a: { role: active }, b: { role: standby } }\n' },
      /follow from the names of its servers/,
    ],
    [
      'one server',
      { system: '    databases: { east/db1: postgres://drill@10.0.1.11/app }\n' },
      /expected two servers at least/,
    ],
    [
      'one region',
      { system: SERVERS.replace('west/db2', 'east/db2') },
      /all of them stand in one region/,
    ],
    [
      'a password in an address',
      { system: SERVERS.replace('drill@10.0.1.11', 'drill:hush@10.0.1.11') },
      /without a password in it; the password comes from topology.system.password/,
    ],
    [
      'an address that is none',
      { system: SERVERS.replace('postgres:', 'mysql:') },
      /such as postgres/,
    ],
    [
      'a name without a region',
      { system: SERVERS.replace('east/db1', 'db1') },
      /a name such as east\/db1/,
    ],
    [
      'commands where it recovers by itself',
      { more: 'recover: { steps: [ { command: [a] } ] }' },
      /say topology.system.recovers: with-commands/,
    ],
    [
      'no commands where they recover it',
      { system: `${SERVERS}    recovers: with-commands\n` },
      /expected the commands that fail it over/,
    ],
    [
      'somebody who is asked where it recovers by itself',
      { more: 'declare: operator' },
      /nobody is asked where the system recovers by itself/,
    ],
    [
      'a port that there is not',
      { system: `${SERVERS}    clients: { sql: "ha:99999" }\n` },
      /expected host:port, a port from 1 to 65535; got "ha:99999"/,
    ],
    [
      'a failback without a way',
      { more: 'failback: true' },
      /failback: expected the commands that lead it back, such as recover: { back:/,
    ],
    [
      'a way back without a failback',
      { more: 'recover: { back: [ { command: [a] } ] }' },
      /recover.back: without failback: true nothing goes back/,
    ],
    [
      'a way back that moves nothing',
      { more: 'failback: true\nrecover: { back: [ { command: [a], mark: follows } ] }' },
      /recover.back.0.mark: expected a step after it that moves service back/,
    ],
    [
      'two steps of one title on the way back',
      { more: 'failback: true\nrecover: { back: [ { command: [a] }, { command: [a] } ] }' },
      /recover.back.1: expected a title of its own/,
    ],
    [
      'a mark that two steps have',
      {
        system: `${SERVERS}    recovers: with-commands\n`,
        more:
          'recover: { steps: [ { command: [a], mark: fenced }, ' +
          '{ command: [b], mark: fenced } ] }',
      },
      /recover.steps.1.mark: fenced was marked by a step before/,
    ],
    [
      'a fault of a lab',
      { fault: '{ at: 2s, kind: lose-region, region: east }' },
      /needs a way to kill every process of a region, which the runtime attached has not/,
    ],
    [
      'a proof that names no server of it',
      { fault: FAULT.replace('refuses: east/db1', 'refuses: east/db7') },
      /expected a server of topology.system.databases, or host:port; did you mean east\/db1/,
    ],
    [
      'a proof that something beside it takes no writes',
      { fault: FAULT.replace('refuses: east/db1', "takes_no_writes: '10.0.1.11:5432'") },
      /expected a server of topology.system.databases; there are east\/db1, west\/db2/,
    ],
    [
      'an end of what nothing undoes',
      { fault: FAULT.replace('undo: [b]', 'undo: none, for: 5s') },
      /with undo: none there is nothing that ends it/,
    ],
    [
      'a switch for nothing',
      { fault: FAULT.replace('undo: [b]', 'undo: none, arm: [c]') },
      /nothing that the other side could undo/,
    ],
  ];
  for (const [title, parts, message] of told) {
    it(`is refused with ${title}`, () => {
      expect(heads(file(parts)).join('\n')).to.match(message);
      expect(parse(file(parts)).drill).to.equal(null);
    });
  }

  it('shows no word of what may be a secret', () => {
    const word = 'hush';
    const stated = `    primary: { http: "http://u:${word}@{host}/" }
    clients: { http: { url: "http://x/?token=${word}", headers: { Authorization: ${word} } } }
`;
    const system = SERVERS.replace('drill@10.0.1.11', `drill:${word}@10.0.1.11`) + stated;
    const { diagnostics } = parse(file({ system }));
    expect(diagnostics.length).to.be.at.least(4);
    expect(JSON.stringify(diagnostics)).not.to.contain(word);
  });

  it('goes back by its commands, each consented to with its undo', () => {
    const more =
      'failback: true\n' +
      'recover: { back: [ { title: rebuild, command: [r], mark: follows, undo: [u] }, ' +
      '{ title: move, command: [m], seen: { command: [s] } } ] }';
    expect(heads(file({ more }))).to.deep.equal([]);
    const plan = planDrill(parse(file({ more })).drill!, 1, '');
    const found = ownCommands(plan).map(({ of, use, command }) => `${of} ${use} ${command[0]}`);
    expect(found).to.include.members([
      'rebuild run r',
      'rebuild undo u',
      'move run m',
      'move seen s',
    ]);
    const lab =
      'drill: 1\nname: a\ntargets: { rto: 60s }\n' +
      'topology: { strategy: warm-standby, regions: { east: { role: active }, ' +
      'west: { role: standby } } }\nfailback: true\n' +
      'faults: [{ at: 2s, kind: lose-region, region: east }]\n' +
      'recover: { back: [ { command: [a] } ] }\n';
    expect(heads(lab).join('\n')).to.match(/recover.back: it is for a system of your own/);
  });

  it('is hit by several faults at the same moment, and by none after that', () => {
    const two = (at: string) => {
      const other = FAULT.replace('at: 2s', `at: ${at}`).replace('run: [a]', 'run: [c]');
      return file({ fault: `${FAULT}, ${other}` });
    };
    expect(heads(two('2s'))).to.deep.equal([]);
    const { faults } = planDrill(parse(two('2s')).drill!, 1, '');
    expect(faults.map(({ disaster }) => disaster)).to.deep.equal([true, false]);
    for (const at of ['3s', '2s..3s']) {
      expect(heads(two(at)).join('\n'), at).to.match(/no fault may follow the disaster/);
    }
  });

  it('has marks of steps and a clock from the effect, which a lab has not', () => {
    const system = `${SERVERS}    recovers: with-commands\n`;
    const more = 'recover: { steps: [ { command: [a], mark: writable } ] }';
    const effect = file({ system, more }).replace('rto: 60s', 'rto: 60s, rto_from: effect');
    expect(heads(effect)).to.deep.equal([]);
    const plan = planDrill(parse(effect).drill!, 1, '');
    expect(plan.recover.steps![0]).to.include({ mark: 'writable' });
    expect(plan.warm_up).to.deep.equal({ at_most_ms: 10_000, ramp_ms: 5_000 });
    const lab =
      'drill: 1\nname: a\ntargets: { rto: 60s, rto_from: effect }\n' +
      'topology: { strategy: warm-standby, regions: { east: { role: active }, ' +
      'west: { role: standby } } }\n' +
      'faults: [{ at: 2s, kind: lose-region, region: east }]\n' +
      'recover: { steps: [fence, promote, redirect, scale, { command: [a], mark: fenced }] }\n';
    const said = heads(lab).join('\n');
    expect(said).to.match(/targets.rto_from: effect is for a system of your own/);
    expect(said).to.match(/recover.steps.4.mark: marks are for commands of a system of your own/);
  });

  it('is no password that any message shows', () => {
    const text = file({ system: SERVERS.replace('drill@10.0.1.11', 'drill:hush@10.0.1.11') });
    expect(heads(text).join('\n')).not.to.contain('hush');
  });

  it('bears no more load than its guard allows', () => {
    const heavy = file().replace('50/s', '150/s');
    expect(heads(heavy).join('\n')).to.match(/workload.rate: 150\/s is more than .* 100\/s/);
    const allowed = heavy.replace('  system:', '  guard: { rate_at_most: 150/s }\n  system:');
    expect(heads(allowed)).to.deep.equal([]);
    const bulky = file().replace('50/s', '50/s, payload: 64KiB');
    expect(heads(bulky).join('\n')).to.match(
      /workload.payload: with workload.rate it comes to .* a second, which is more than .* 1\s?MB/,
    );
    const borne = bulky.replace('  system:', '  guard: { bytes_at_most: 4MB }\n  system:');
    expect(heads(borne)).to.deep.equal([]);
  });

  it('bears no more seed rows than its guard allows in their time', () => {
    const many = (rows: number, payload = '256B') =>
      heads(file().replace('50/s', `50/s, seed_rows: ${rows}, payload: ${payload}`)).join('\n');
    expect(many(4_500)).to.equal('');
    expect(many(4_501)).to.match(
      /workload.seed_rows: 4501 rows cannot be written in 50 s, .*4500 can/,
    );
    expect(many(4_500, '15KiB')).to.match(/; 2929 can/);
  });

  it('is asked for where attached has none, and the reverse', () => {
    const lab = file().replace(/ {2}system:\n(.*\n)*faults/, '  strategy: warm-standby\nfaults');
    expect(heads(lab).join('\n')).to.match(/attached is for a system of your own: name it/);
    const none =
      `drill: 1\nname: a\ntargets: { rto: 60s }\ntopology: {}\n` +
      'faults: [{ at: 2s, kind: lose-region, region: east }]\n';
    expect(heads(none).join('\n')).to.match(/expected strategy: backup-restore, .*; or system/);
  });
});
