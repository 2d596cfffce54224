// What counts as a failure of the world, and what as one of drill's own.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import {
  driverFailure,
  OperationFailed,
  reasonOf,
  unlessFailed,
} from '../../src/host/operation-failed.ts';
import { LinkError } from '../../src/link/links.ts';

const FAILED = { what: 'west/postgres', expected: 'a write to be taken', found: 'none' };

describe('a failure of the world', () => {
  it('has what, expected and found, and the words of whoever said it', () => {
    const failed = new OperationFailed(FAILED);
    expect(failed).to.include(FAILED);
    expect(reasonOf(failed)).to.equal('west/postgres: expected a write to be taken, found none');
    const told = driverFailure(new Error('Connection terminated'), 'PostgreSQL at here:1');
    expect(reasonOf(told)).to.equal('Connection terminated');
    expect(told).to.include({ what: 'PostgreSQL at here:1', found: 'Connection terminated' });
    expect(driverFailure(failed, 'anything')).to.equal(failed);
  });

  it('is also a link, the environment, the operating system', () => {
    const link = new LinkError('cut link east-west', 'no', 500);
    expect(reasonOf(link)).to.equal('cut link east-west: no (status 500)');
    const hint = 'install it';
    expect(reasonOf(new EnvironmentError({ ...FAILED, hint }))).to.contain('west/postgres');
    let system: unknown;
    try {
      readFileSync('/nowhere/at/all');
    } catch (error) {
      system = error;
    }
    expect(reasonOf(system)).to.contain('ENOENT');
  });

  it('is no bug: that goes through', async () => {
    const bug = new TypeError('x is not a function');
    expect(() => reasonOf(bug)).to.throw(bug);
    expect(await unlessFailed(Promise.reject(new OperationFailed(FAILED)))).to.equal(null);
    expect(await unlessFailed(Promise.reject(bug)).catch((error: unknown) => error)).to.equal(bug);
  });
});
