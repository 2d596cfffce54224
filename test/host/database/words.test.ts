// What to do where a connection to a PostgreSQL of the user's own failed.
import { expect } from 'chai';
import { connectHint } from '../../../src/host/database/words.ts';
import { driverFailure, OperationFailed } from '../../../src/host/operation-failed.ts';

describe('what to do where a connection failed', () => {
  it('is by what the driver said, also where that is the cause of what is told', () => {
    const refused = Object.assign(new Error('no'), { code: '28P01' });
    const hint = 'the role or its password is wrong: see the address, and PGPASSWORD';
    expect(connectHint(refused, 'PGPASSWORD')).to.equal(hint);
    expect(connectHint(driverFailure(refused, 'it'), 'PGPASSWORD')).to.equal(hint);
  });

  it('is nothing where nobody knows, also where no driver said anything', () => {
    const what = { what: 'it', expected: 'an answer', found: 'none' };
    expect(connectHint(new OperationFailed(what), 'PGPASSWORD')).to.equal(null);
  });
});
