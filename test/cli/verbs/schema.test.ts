import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { schemaVerb } from '../../../src/cli/verbs/schema.ts';
import { SCHEMA_NAMES } from '../../../src/evidence/schemas.ts';
import { call } from '../../support/cli/drill-verbs.ts';

describe('drill schema', () => {
  it('prints what is committed as drill.schema.json, byte for byte', async () => {
    const committed = readFileSync(new URL('../../../drill.schema.json', import.meta.url), 'utf8');
    expect(await call(schemaVerb, {}, '/')).to.deep.equal({
      code: 0,
      stdout: committed,
      stderr: '',
    });
  });

  it('prints what is committed of each file that drill writes, byte for byte', async () => {
    for (const of of SCHEMA_NAMES) {
      const file = new URL(`../../../docs/schemas/${of}.schema.json`, import.meta.url);
      const stdout = readFileSync(file, 'utf8');
      expect(await call(schemaVerb, { of }, '/'), of).to.deep.equal({
        code: 0,
        stdout,
        stderr: '',
      });
    }
  });
});
