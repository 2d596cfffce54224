import { expect } from 'chai';
import { ok } from '../../src/doctor/check.ts';
import { examine } from '../../src/doctor/examine.ts';
import { DOCTOR_CHECKS } from '../../src/doctor/registry.ts';
import { hostClock } from '../../src/host/clock.ts';

const context = { environment: process.env, clock: hostClock() };

describe('doctor', () => {
  it('finds this machine able to run drills', async () => {
    const examined = await examine(DOCTOR_CHECKS, context);
    expect(examined.filter(({ state }) => state === 'problem')).to.deep.equal([]);
    expect(examined.map(({ name }) => name)).to.include.members(['Node', 'PostgreSQL', 'ports']);
  });

  it('says what to type when PostgreSQL is not where it was said to be', async () => {
    const environment = { ...process.env, DRILL_PG_BIN: '/nowhere' };
    const examined = await examine(DOCTOR_CHECKS, { ...context, environment });
    const postgres = examined.find(({ name }) => name === 'PostgreSQL');
    expect(postgres?.state).to.equal('problem');
    expect(postgres?.found).to.contain('DRILL_PG_BIN=/nowhere');
    expect(postgres?.fix).to.contain('npm ci');
  });

  it('takes a check that breaks for a problem and goes on', async () => {
    const breaking = { name: 'breaking', look: () => Promise.reject(new Error('no luck')) };
    const fine = { name: 'fine', look: () => Promise.resolve(ok('well')) };
    const examined = await examine([breaking, fine], context);
    expect(examined.map(({ state }) => state)).to.deep.equal(['problem', 'ok']);
    expect(examined[0]?.found).to.equal('no luck');
  });
});
