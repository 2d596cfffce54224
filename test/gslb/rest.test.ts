// The GSLB program between two trials: at rest it checks nothing, answers nothing and knows nothing
// of what it was told before.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORDERS_SERVICE, type GslbState } from '../../src/gslb/protocol.ts';
import { resolveService } from '../../src/gslb/resolver.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { Address } from '../../src/host/ports.ts';
import { sendSignal } from '../../src/host/process/processes.ts';
import { startProgram } from '../../src/host/program/program.ts';
import { startKnownService } from '../../src/selftest/known/service.ts';

const clock = hostClock();
const SETTINGS = { origin_ms: 0, run: 'test', every_ms: 40, timeout_ms: 40, failures: 3, ttl_s: 1 };

describe('gslb at rest', () => {
  it('forgets everything, and begins again as one that was never told anything', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-gslb-'));
    const module = new URL('../../src/gslb/main.ts', import.meta.url);
    const logFile = join(directory, 'gslb.log');
    const gslb = startProgram({ title: 'gslb', module, env: { ...process.env }, logFile });
    const east = await startKnownService({ clock, node: 'east/app-1' });
    const { host, port } = east;
    const endpoint = { node: 'east/app-1', region: 'east', service: 'orders', host, port };
    const start = async (endpoints: readonly object[]) =>
      (await gslb.request('start', { ...SETTINGS, serving: ['east'], endpoints })) as Address;
    const state = async () => (await gslb.request('state', {})) as GslbState;
    const failure = async (asked: Promise<unknown>) =>
      await asked.then(String, (error: Error) => error.message);
    try {
      const first = await start([endpoint]);
      while ((await state()).answered.length === 0) await clock.sleep(5);
      await gslb.request('stop', {});
      expect(await failure(state())).to.include('must come first');
      const asked = resolveService(first, ORDERS_SERVICE, { timeout_ms: 300 });
      expect(await failure(asked), 'nobody answers there').not.to.include('east/app-1');
      await gslb.request('stop', {}); // twice is fine
      await start([]);
      const { answered, regions } = await state();
      expect([answered, regions]).to.deep.equal([[], {}]);
    } finally {
      sendSignal(gslb.pid, 'SIGKILL');
      await gslb.exited;
      await east.close();
      rmSync(directory, { recursive: true });
    }
  });
});
