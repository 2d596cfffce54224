import { expect } from 'chai';
import * as fc from 'fast-check';
import type { DrillLayers } from '../../../src/drill/file/config.ts';
import { explain } from '../../../src/drill/explain/explain.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { it } from '../../support/commands.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

function config(text: string): DrillLayers {
  return { config: { file: 'drill.config.yaml', bytes: new TextEncoder().encode(text) } };
}

function explained(layers: DrillLayers, text = GOOD) {
  const parsed = parse(text, layers);
  const rows = explain(parsed.layers, planDrill(parsed.drill!, 1, ''));
  return new Map(rows.map(({ key, value, from }) => [key, `${value} from ${from}`]));
}

describe('layers of values', function () {
  this.timeout(60_000);

  it('lets flags win over the environment, that over the file, that over the configuration', () => {
    const layers = {
      ...config(
        'defaults:\n  targets: { rto: 1m, rpo: 9s, lost_writes: 7 }\n  steady: { for: 9s }\n',
      ),
      environment: { DRILL_TARGETS_RTO: '20s', DRILL_STEADY_FOR: '8s', HOME: '/' },
      flags: { set: ['targets.rto=25s'] },
    };
    const rows = explained(layers);
    expect(rows.get('targets.rto')).to.equal('25s from --set targets.rto');
    expect(rows.get('targets.rpo')).to.equal('1s from a.yaml:3:27');
    expect(rows.get('targets.lost_writes')).to.equal('7 from drill.config.yaml:2:45');
    expect(rows.get('steady.for')).to.equal('8s from DRILL_STEADY_FOR');
    expect(rows.get('sustain.for')).to.equal('3s from default');
    expect(parse(GOOD, layers).drill?.targets.rto).to.equal(25_000);
  });

  it('explains defaults that follow from other values', () => {
    const regions = '{ regions: { east: { role: active }, west: { role: standby } }, ';
    const text = GOOD.replace('topology:\n  strategy', `topology: ${regions}strategy`);
    const flags = { set: ['targets.rto=20s'] };
    const rows = explained({ flags }, text.replace('warm-standby', 'warm-standby }'));
    expect(rows.get('recover.deadline')).to.equal(
      '40s from default: 2 × targets.rto, at least 30s',
    );
    expect(rows.get('topology.regions.east.app.instances')).to.equal(
      '2 from default: for the active region',
    );
    expect(rows.get('topology.links.east-west.latency')).to.equal('20ms from default');
    expect(rows.get('targets.p99_latency')).to.equal('null from not stated');
  });

  it('checks every layer, also values that a higher one replaces', () => {
    const layers = {
      ...config('defaults: { targets: { rto: 5 } }\n'),
      environment: { DRILL_TARGETS_RTO: 'soon' },
      flags: { set: ['targets.rto=5s'] },
    };
    expect(heads(GOOD, layers)).to.deep.equal([
      'DRILL_TARGETS_RTO: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got "soon"',
      'drill.config.yaml:1:29: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got the number 5; did you mean 5s?',
    ]);
  });

  it('names the flag in the message', () => {
    const set = ['targets.rtoo=5s', 'nothing', '=5', 'targets.rpo=', 'workload.writers=many'];
    expect(heads(GOOD, { flags: { set } })).to.have.members([
      '--set targets.rtoo: error: unknown key; did you mean rto?',
      '--set nothing: error: expected key=value, for example --set targets.rto=5s',
      '--set =5: error: expected key=value, for example --set targets.rto=5s',
      '--set targets.rpo: error: expected a value, got nothing',
      '--set workload.writers: error: expected a whole number, got "many"',
    ]);
  });

  const NAMED =
    'a name of lower-case letters, digits and dashes, beginning with a letter or digit, 40 at most';
  const DURATION = 'a duration such as 250ms, 2.5s, 5m or 1h';
  const DECLARE =
    'automatic, operator, `after 5s` or { command: [program, argument, …] }; got a mapping';
  const THROUGH: readonly (readonly [string, string])[] = [
    [
      'faults.region=west',
      'faults: expected a list, got a mapping; its items are faults.0, and faults.1 adds one',
    ],
    [
      'faults.2.at=3s',
      'faults: expected a list, got a mapping; its items are faults.0, and faults.1 adds one',
    ],
    ['name.x=1', `name: expected ${NAMED}; got a mapping`],
    ['targets.rto.x=5s', `targets.rto: expected ${DURATION}, got a mapping`],
    // Not stated anywhere else.
    ['steady.for.x=5s', `steady.for: expected ${DURATION}, got a mapping`],
    ['declare.after=5s', `declare: expected ${DECLARE}`],
    ['declare.comand=[ask]', 'unknown key; did you mean command?'],
    [
      'cost={ currency: EUR, instance_hour: 1, gb_month: 1 }',
      'cost.gb_transferred: this key is required and missing',
    ],
    ['topology.regions.north.weight=1', 'topology.regions.north.role: this key is required'],
    ['topology.regions.N.weight=1', 'topology.regions.N: expected a region name'],
    [
      'recover.target.time=2s',
      'recover.target: promote-standby has no target; it belongs to restore-to-point',
    ],
    ['constructor.x=1', 'constructor: unknown key; known here: drill, name,'],
    ['faults.0.constructor=1', 'unknown key; known here: at, kind,'],
    ['targets.prototype=1', 'unknown key; known here: rto,'],
    ...['__proto__.x', 'targets.__proto__', 'topology.links.__proto__.latency'].map(
      (key) =>
        [`${key}=1ms`, 'no key of a drill file is called __proto__; leave this out'] as const,
    ),
    ...['targets.rto.toString=1', 'targets={ rto: { toString: 1 } }'].map(
      (set) => [set, 'no key of a drill file is called toString; leave this out'] as const,
    ),
    ['faults.length.valueOf=1', 'no key of a drill file is called valueOf; leave this out'],
  ];
  for (const [set, message] of THROUGH) {
    it(`says what is wrong with --set ${set}`, () => {
      const [only, ...others] = heads(GOOD, { flags: { set: [set] } });
      expect(only).to.satisfy((head: string) =>
        head.startsWith(`--set ${set.split('=')[0]}: error: ${message}`),
      );
      expect(others).to.deep.equal([]);
      expect(parse(GOOD, { flags: { set: [set] } }).drill).to.equal(null);
    });
  }

  it('says the same of a variable, whoever may have meant something else by it', () => {
    const environment = { DRILL_NAME_PREFIX: 'x', DRILL_RUNTIME_DIR: '/run/x' };
    expect(heads(GOOD, { environment })).to.deep.equal([
      `DRILL_NAME_PREFIX: error: name: expected ${NAMED}; got a mapping`,
      'DRILL_RUNTIME_DIR: error: runtime: expected auto or embedded or compose or attached, got a mapping',
    ]);
    expect(heads(GOOD, { environment: { DRILL_TARGETS___PROTO__: '1' } })).to.deep.equal([
      'DRILL_TARGETS___PROTO__: error: no key of a drill file is called __proto__; leave this out',
    ]);
  });

  it('says once what two values do to the same place, and lets a value take the place of another', () => {
    const both = { flags: { set: ['faults.region=west', 'faults.kind=maintenance'] } };
    expect(heads(GOOD, both)).to.have.lengthOf(1);
    const { drill } = parse(`${GOOD}declare: operator\n`, {
      flags: { set: ['declare.command=[ask]'] },
    });
    expect(drill?.declare).to.deep.equal({ by: 'command', command: ['ask'] });
  });

  const throwsNever = (runs: number) => {
    const segment = fc.constantFrom(
      ...['targets', 'rto', 'faults', '0', '1', 'at', 'kind', 'declare', 'command', 'recover'],
      ...['target', 'time', 'lsn', 'topology', 'regions', 'east', 'role', 'app', 'x', '__proto__'],
      ...['constructor', 'length', 'links', 'east-west', 'latency', 'name', 'cost', 'redis'],
      ...['toString', 'region', 'region_of', 'link', 'valueOf', 'expect', 'repeat', 'for'],
    );
    const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    const value = fc.constantFrom(
      ...['1', '5s', 'x', '[a]', '[]', '{}', '{ x: 1 }', 'null', '0/1'],
      ...['constructor', 'toString', 'maintenance', '[constructor]', '{ constructor: 1 }'],
    );
    const set = fc.tuple(key, value).map((pair) => pair.join('='));
    fc.assert(
      fc.property(fc.array(set, { maxLength: 3 }), (sets) => {
        const { drill, diagnostics } = parse(GOOD, { flags: { set: sets } });
        expect(drill === null).to.equal(diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: runs },
    );
  };
  it('never throws, and gives a drill or an error, whatever values go through', () => {
    throwsNever(200);
  });
  it.full('never throws, and gives a drill or an error, whatever many values go through', () => {
    throwsNever(1_000);
  });

  it('tells of what goes wrong between two files, where one of them states it', () => {
    const target = (form: string) => `recover: { target: ${form} }`;
    const text = `${GOOD}${target('{ time: 1s }')}\n`;
    expect(heads(text, config(`defaults: { ${target('{ lsn: 0/1 }')} }\n`))).to.deep.equal([
      'drill.config.yaml:1:34: error: recover.target.lsn: only one of time, lsn, name can stand here',
    ]);
  });

  it('sets items of lists, numbers, mappings and default regions', () => {
    const set = [
      'faults.0.at=3s',
      'workload.writers=8',
      'declare={ command: [ask] }',
      'topology.regions.east.app.instances=4',
    ];
    const { drill } = parse(GOOD, { flags: { set } });
    expect(drill?.faults[0]?.at.from_ms).to.equal(3000);
    expect(drill?.workload.writers).to.equal(8);
    expect(drill?.declare).to.deep.equal({ by: 'command', command: ['ask'] });
    expect(drill?.topology.regions['east']?.app.instances).to.equal(4);
  });

  it('finds keys with dashes and underscores behind names of variables', () => {
    const text = GOOD.replace('topology:', 'topology:\n  links: { east-west: { latency: 5ms } }');
    const environment = {
      DRILL_TARGETS_LOST_WRITES: '3',
      DRILL_TARGETS_RTO_FROM: 'declaration',
      DRILL_TOPOLOGY_LINKS_EAST_WEST_LATENCY: '7ms',
      DRILL_FAULTS_0_AT: '4s',
    };
    const { drill, diagnostics } = parse(text, { environment });
    expect(diagnostics).to.deep.equal([]);
    expect(drill?.targets).to.deep.include({ lost_writes: 3, rto_from: 'declaration' });
    expect(drill?.topology.links['east-west']?.latency).to.equal(7);
    expect(drill?.faults[0]?.at.from_ms).to.equal(4000);
  });

  it('warns of a variable that it does not know, and refuses an unknown key in a known part', () => {
    expect(heads(GOOD, { environment: { DRILL_SEAD: '1', DRILL_PG_BIN: '/pg' } })).to.deep.equal([
      'DRILL_SEAD: warning: not a variable that drill knows; did you mean DRILL_SEED?',
    ]);
    expect(heads(GOOD, { environment: { DRILL_DB_PASSWORD: 'x', DRILL_CONSENT: 'y' } })).to.be
      .empty;
    expect(heads(GOOD, { environment: { DRILL_TARGETS_RTOO: '1s' } })).to.deep.equal([
      'DRILL_TARGETS_RTOO: error: targets.rtoo: unknown key; did you mean rto?',
    ]);
  });

  it('lets the regions of the file replace those of the configuration as a whole', () => {
    const regions =
      'defaults: { topology: { regions: { a: { role: active }, b: { role: standby } } } }';
    const text = GOOD.replace(
      'topology:',
      'topology:\n  regions: { east: { role: active }, west: { role: standby } }',
    );
    expect(Object.keys(parse(text, config(regions)).drill!.topology.regions)).to.deep.equal([
      'east',
      'west',
    ]);
    expect(heads(GOOD, config(regions))[0]).to.contain('there is no region "east"');
  });

  it('refuses what a configuration file cannot hold', () => {
    expect(heads(GOOD, config('outt: x\nkeep: sometimes\n'))).to.deep.equal([
      'drill.config.yaml:1:1: error: outt: unknown key; did you mean out?',
      'drill.config.yaml:2:7: error: keep: expected never or on-failure or always, got "sometimes"',
    ]);
  });

  it('settles seed, place and keeping from flags, environment and configuration', () => {
    const environment = { DRILL_SEED: '7', DRILL_KEEP: 'always' };
    const layers = { ...config('out: runs\nkeep: never\n'), environment };
    const runtimes = { compose: { images: {}, files: [] } };
    const { retention } = parse(GOOD).settings;
    const rest = { repeat: null, runtimes, retention, history: null };
    expect(parse(GOOD).settings).to.deep.equal({ seed: 1, out: null, keep: 'never', ...rest });
    expect(parse(GOOD, layers).settings).to.deep.equal({
      ...{ seed: 7, out: 'runs', keep: 'always', ...rest },
    });
    const flags = { seed: '9', out: 'here', keep: 'on-failure', repeat: '4' };
    expect(parse(GOOD, { ...layers, flags }).settings).to.deep.equal({
      ...{ seed: 9, out: 'here', keep: 'on-failure', ...rest, repeat: 4 },
    });
  });

  it('refuses a seed that is no whole number of 32 bits', () => {
    for (const seed of ['-1', '1.5', 'x', '4294967296', '']) {
      expect(heads(GOOD, { flags: { seed } })[0]).to.match(
        /^--seed: error: expected a whole number/,
      );
    }
  });

  it('refuses a runtime that there is not, from a flag too', () => {
    expect(heads(GOOD, { flags: { runtime: 'elsewhere' } })).to.deep.equal([
      '--runtime: error: expected auto or embedded or compose or attached, got "elsewhere"',
    ]);
  });
});
