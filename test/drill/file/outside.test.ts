// What a drill has from elsewhere than its file: laid over the file again, it is the same drill.
import { expect } from 'chai';
import { planHash } from '../../../src/archive/compare.ts';
import type { DrillLayers } from '../../../src/drill/file/config.ts';
import { planDrill, withOutside } from '../../../src/drill/plan/make-plan.ts';
import { planFrom } from '../../../src/drill/plan/read-plan.ts';
import { readDrill } from '../../../src/session/read.ts';
import { asTrial } from '../../../src/session/trials.ts';
import { GOOD, parse } from '../../support/plan/drill-file.ts';

const config = (text: string) => {
  return { config: { file: 'drill.config.yaml', bytes: new TextEncoder().encode(text) } };
};
const outside = (layers: DrillLayers, text = GOOD) => {
  const parsed = parse(text, layers);
  expect(parsed.diagnostics).to.deep.equal([]);
  const lines = parsed.outside.map(({ key, value, from }) => `${key}=${value} by ${from}`);
  // The promise: what is listed makes the same drill of the file.
  const set = parsed.outside.map(({ key, value }) => `${key}=${value}`);
  expect(parse(text, { flags: { set } }).drill).to.deep.equal(parsed.drill);
  return lines;
};

describe('values from outside the drill file', () => {
  it('are none where the file states all', () => {
    expect(outside({})).to.deep.equal([]);
    expect(parse('').outside).to.deep.equal([]);
  });

  it('are those of flags, variables and the configuration, each with its source', () => {
    const layers = {
      ...config('runtime: compose\ndefaults: { targets: { rto: 1m, lost_writes: 7 } }\n'),
      environment: { DRILL_STEADY_FOR: '8s' },
      flags: { set: ['targets.rpo=5s', 'faults.0.at=3s'] },
    };
    expect(outside(layers)).to.deep.equal([
      'runtime=compose by drill.config.yaml',
      'targets.lost_writes=7 by drill.config.yaml',
      'targets.rpo=5s by --set',
      'faults.0.at=3s by --set',
      'steady.for=8s by DRILL_STEADY_FOR',
    ]);
    expect(outside({ flags: { runtime: 'embedded' } })).to.deep.equal([
      'runtime=embedded by --runtime',
    ]);
  });

  it('are one value where one took the place of several', () => {
    const set = ['targets={ rto: 9s }'];
    expect(outside({ flags: { set } })).to.deep.equal(['targets={ rto: 9s } by --set']);
    const regions = '{ a: { role: active }, b: { role: standby } }';
    const named = GOOD.replace('region: east', 'region: a');
    const layers = config(`defaults: { topology: { regions: ${regions} } }\n`);
    expect(outside(layers, named)).to.deep.equal([
      `topology.regions=${regions} by drill.config.yaml`,
    ]);
    const one = { ...layers, flags: { set: ['topology.regions.a.app.instances=3'] } };
    expect(outside(one, named)).to.deep.equal([
      'topology.regions={ a: { role: active, app: { instances: 3 } }, b: { role: standby } } ' +
        'by drill.config.yaml',
    ]);
  });

  it('are texts that mean the same behind --set', () => {
    const descriptions = ['"5"', '"a: b # c"', '"two\\nlines"', '" x "', "it's"];
    for (const text of descriptions) outside({ flags: { set: [`description=${text}`] } });
    const long = `"${'a long text '.repeat(40)}"`;
    expect(outside({ flags: { set: [`description=${long}`] } }).join()).not.to.include('\n');
    outside({ flags: { set: ['tags=[nightly, b]', 'declare={ command: [sh, -c, "exit 0"] }'] } });
  });

  it('stand in the plan, which is read again, and count as what they are', () => {
    const { drill, outside: values } = parse(GOOD, { flags: { set: ['targets.rto=9s'] } });
    const plain = planDrill(drill!, 1, 'abc');
    expect(withOutside(plain, [])).to.equal(plain);
    const plan = withOutside(plain, values);
    expect(planFrom(JSON.parse(JSON.stringify(plan)))).to.deep.equal({ plan, version: 2 });
    expect(planHash(plan)).to.equal(planHash(plain));
  });

  it('stand in the plan of a drill that was read, and of each of its trials', async () => {
    const source = { file: 'a.yaml', bytes: new TextEncoder().encode(GOOD) };
    const place = { directory: '/nonexistent', environment: { DRILL_TARGETS_RTO: '9s' } };
    const { drill } = await readDrill(source, {}, place);
    const values = [{ key: 'targets.rto', value: '9s', from: 'DRILL_TARGETS_RTO' }];
    expect(drill!.plan.outside).to.deep.equal(values);
    expect(asTrial(drill!, 7).plan.outside).to.deep.equal(values);
  });
});
