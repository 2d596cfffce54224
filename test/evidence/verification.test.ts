// Checks of a store that serves: what each proves, and what keeps one from proving anything.
import { expect } from 'chai';
import { carryOut, type VerificationCheck } from '../../src/evidence/verification.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';

type Check = VerificationCheck<string>;
const finds = (name: string, proves: Check['proves'], ok: boolean): Check => ({
  name,
  proves,
  look: async (client) => await Promise.resolve({ ok, detail: `${client} was asked` }),
});
const lost = new OperationFailed({ what: 'the query', expected: 'rows', found: 'no connection' });
const breaks = (proves: Check['proves']): Check => ({
  ...{ name: 'breaks', proves },
  look: async () => await Promise.reject(lost),
});

describe('checks of a store', () => {
  it('prove harm only where they found some, in their order', async () => {
    const checks = [
      ...[finds('sound', 'harm', true), finds('harmed', 'harm', false)],
      ...[finds('trusted', 'trust', true), finds('doubtful', 'trust', false)],
    ];
    const detail = 'it was asked';
    expect(await carryOut(checks, 'it')).to.deep.equal([
      { name: 'sound', ok: true, detail },
      { name: 'harmed', ok: false, detail, proves: 'harm' },
      { name: 'trusted', ok: true, detail },
      { name: 'doubtful', ok: false, detail },
    ]);
  });

  it('prove nothing where they could not look, unless the error is what they look for', async () => {
    const detail = 'the query: expected rows, found no connection';
    const unseen = { name: 'breaks', ok: false, detail };
    expect(await carryOut([breaks('harm'), breaks('trust')], '')).to.deep.equal([unseen, unseen]);
    const isFinding = (error: unknown) => error === lost;
    expect(await carryOut([breaks('harm'), breaks('trust')], '', isFinding)).to.deep.equal([
      { ...unseen, proves: 'harm' },
      unseen,
    ]);
  });
});
