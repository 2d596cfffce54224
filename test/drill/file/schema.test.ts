import { expect } from 'chai';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { drillJsonSchema } from '../../../src/drill/file/schema.ts';
import { GOOD, parse } from '../../support/plan/drill-file.ts';

const root = new URL('../../../', import.meta.url);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(drillJsonSchema());

describe('the JSON schema', () => {
  it('is the one that is committed; `drill schema > drill.schema.json` makes it so', () => {
    const committed = JSON.parse(
      readFileSync(new URL('drill.schema.json', root), 'utf8'),
    ) as unknown;
    expect(drillJsonSchema()).to.deep.equal(committed);
  });

  it('accepts every drill of drills/, as drill itself does', () => {
    const files = readdirSync(new URL('drills/', root)).filter((name) => name.endsWith('.yaml'));
    expect(files).to.include.members([
      'region-outage.yaml',
      'region-outage-sync.yaml',
      'too-tight.yaml',
    ]);
    for (const file of files) {
      const text = readFileSync(new URL(`drills/${file}`, root), 'utf8');
      expect(validate(parseYaml(text)), `${file}: ${JSON.stringify(validate.errors)}`).to.equal(
        true,
      );
      expect(parse(text).drill, file).not.to.equal(null);
    }
  });

  it('refuses unknown keys and values without a unit', () => {
    const good = parseYaml(GOOD) as Record<string, unknown>;
    expect(validate(good)).to.equal(true);
    expect(validate({ ...good, extra: 1 })).to.equal(false);
    expect(validate({ ...good, targets: { rto: 15 } })).to.equal(false);
    expect(validate({ ...good, targets: { rto: '15' } })).to.equal(false);
  });

  it('describes every key', () => {
    const nameless: string[] = [];
    const visit = (node: Record<string, unknown>, path: string) => {
      const properties = (node['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      for (const [key, child] of Object.entries(properties)) {
        if (typeof child['description'] !== 'string') nameless.push(`${path}${key}`);
        visit(child, `${path}${key}.`);
      }
    };
    visit(drillJsonSchema(), '');
    expect(nameless).to.deep.equal([]);
  });
});

describe('parseDrill, whatever it is given', () => {
  it('never throws, and gives a drill or an error', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.constant(null),
      fc.constant([]),
      fc.constant({}),
    );
    const keys = ['drill', 'targets', 'topology', 'faults', 'declare', 'workload', 'recover', 'x'];
    const tree = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(value, fc.array(value), fc.object()),
    );
    fc.assert(
      fc.property(tree, fc.boolean(), (given, overGood) => {
        const good = parseYaml(GOOD) as Record<string, unknown>;
        const { drill, diagnostics } = parse(
          JSON.stringify(overGood ? { ...good, ...given } : given),
        );
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        expect(drill === null).to.equal(errors.length > 0);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on bytes that are no YAML', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parse(bytes).drill).to.equal(null);
      }),
    );
  });
});
