// What programs that load a dump say, and what of it speaks against the dump.
import { expect } from 'chai';
import { it } from '../../support/commands.ts';
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
