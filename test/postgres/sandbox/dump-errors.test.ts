// What programs that load a dump say, and what of it speaks against the dump; and what they would
// not say of a file that ends too early.
import { expect } from 'chai';
import { it } from '../../support/commands.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutShort } from '../../../src/postgres/sandbox/dump/whole.ts';
import { isError, readErrors } from '../../../src/postgres/sandbox/dump/errors.ts';

const OF = 'pg_restore: error: could not execute query: ERROR:  ';
const PSQL = 'psql:<stdin>:19: ';

describe('the errors of a load', () => {
  it('speak against the dump', () => {
    const { checks, findings } = readErrors(`${PSQL}ERROR:  column "nosuch" does not exist`, null);
    expect(checks).to.deep.equal([]);
    expect(findings.map(({ code }) => code)).to.deep.equal(['load-failed']);
  });

  it('leave it open where it wanted something from another server', () => {
    for (const error of [
      'could not establish connection',
      'access to non-system foreign table is restricted',
    ]) {
      const { checks, findings } = readErrors(`${OF}${error}`, 'exit code 1');
      expect(findings, error).to.deep.equal([]);
      expect(checks.map(({ name, state }) => [name, state])).to.deep.equal([
        ['it stands alone', 'skipped'],
      ]);
    }
  });

  it('are told from what else is said, however much that is', () => {
    expect(isError(`${PSQL}ERROR:  column "nosuch" does not exist`)).to.equal(true);
    expect(isError(`${PSQL}WARNING:  it is odd`)).to.equal(false);
  });
});

describe('the rows of a table in a dump', () => {
  it('have their end, and are cut short without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-dump-'));
    try {
      const problems = async (rows: string) => {
        writeFileSync(join(folder, '3400.dat'), rows);
        return (await cutShort(folder, 'directory')).length;
      };
      for (const whole of [
        '\\.\n\n\n',
        '1\n\\.\n\n\n',
        '\n\n',
        'INSERT INTO t VALUES (1);\n\n\n',
      ]) {
        expect(await problems(whole), whole).to.equal(0);
      }
      for (const cut of ['', '1\n2\n', 'INSERT INTO t VALU']) {
        expect(await problems(cut), cut).to.equal(1);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
