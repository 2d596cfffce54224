// What doctor says of a machine that can run drills, and is not as it could be.
import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine } from '../../src/doctor/examine.ts';
import { doctorChecks, machineLoad } from '../../src/doctor/machine.ts';
import { hostClock, type Clock } from '../../src/host/clock.ts';
import { locatePostgres } from '../../src/postgres/server/binaries.ts';
import { cacheDirectory } from '../../src/postgres/server/cache.ts';
import { databaseIdentity } from '../../src/postgres/server/identity.ts';
import { placeOf } from '../../src/postgres/server/template.ts';
import { linksFinding } from '../../src/topology/embedded/checks.ts';
import { ok, type DoctorContext } from '../../src/topology/machine-check.ts';

const context: DoctorContext = {
  ...{ environment: process.env, clock: hostClock(), runs: tmpdir() },
  needs: { runtime: 'embedded', redis: false, descriptors: 256 },
};

/** Whoever sleeps is woken so much later. */
function slowClock(late_ms: number): Pick<Clock, 'now' | 'sleep'> {
  let now = 0;
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms + late_ms;
      return Promise.resolve();
    },
  };
}

describe('remarks of doctor', () => {
  it('says ok where drill mends by itself what it found', async () => {
    const links = linksFinding({ native: '/native', broken: ['/native/lib/libpq.so.5'] });
    expect(links).to.include({ state: 'ok', fix: null });
    expect(links.found).to.contain('1 missing or wrong in /native: the next run mends them');
    const cache = mkdtempSync(join(tmpdir(), 'drill-cache-'));
    chmodSync(cache, 0o755); // whom databases run as enters it too
    const variables = { environment: { ...process.env, DRILL_CACHE: cache } };
    const identity = databaseIdentity();
    const binaries = await locatePostgres(variables.environment, identity);
    mkdirSync(placeOf(cacheDirectory(variables.environment, identity), binaries, identity));
    const checks = (await doctorChecks()).filter(({ name }) => name === 'template cache');
    const [template] = await examine(checks, { ...context, ...variables });
    rmSync(cache, { recursive: true });
    expect(template).to.include({ state: 'ok', fix: null });
    expect(template!.found).to.match(/^damaged in .*: the next run makes it anew$/);
  });

  it('warns of a machine that has too much to do, by the rule of a run', async () => {
    const looked = async (load: number, late_ms: number) => {
      const clock = { ...hostClock(), wall: () => 0, ...slowClock(late_ms) };
      return await machineLoad(() => ({ load, cores: 2 })).look({ ...context, clock }, true);
    };
    expect(await looked(3.9, 0)).to.deep.equal(
      ok('load 3.9 on 2 cores, 2 for each; up to 2 for each is fine'),
    );
    const busy = await looked(10.07, 0);
    expect(busy.state).to.equal('warning');
    expect(busy.found).to.match(/^load 10\.07 on 2 cores, 5 for each/);
    expect(busy.fix).to.contain('when less else runs');
    const starved = await looked(0.1, 300);
    expect(starved.state).to.equal('warning');
    expect(starved.found).to.contain('drill stood still for 300 ms');
  });
});
