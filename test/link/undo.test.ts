// Toxics of a runner that was killed, removed from the log alone.
import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Refused } from '../../src/link/links.ts';
import { BLACKHOLE, delayToxics, refusedUndo, toxicsUndo } from '../../src/link/toxics.ts';
import { hostClock } from '../../src/host/clock.ts';
import { provenRun } from '../support/system/proven-run.ts';
import { ask, SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

/** The system stays up: what goes with its run needs no undo. */
const KEPT = provenRun('kept', '/none');

const removeToxics = (url: string, toxics: readonly string[]) =>
  toxicsUndo.perform(
    { undo: 'toxics', url, toxics },
    { clock: hostClock(), environment: {}, own: KEPT, system: KEPT },
  );

for (const server of SERVERS) {
  describe(`disturbances that nobody ended, on ${server}`, () => {
    let started: TestedLinks;
    before(async function () {
      started = await startTestedLinks(this, server);
    });
    after(() => started?.stop());

    it('end by their names, and leave the rest as it is; twice does no harm', async () => {
      const link = started.links.create('left');
      const { name } = await link.addProxy('left.a', { host: '127.0.0.1', port: 9 });
      const toxics = async () => {
        const { body } = await ask(started.links.url, 'GET', `/proxies/${name}/toxics`);
        return (body as { name: string }[]).map((toxic) => toxic.name).toSorted();
      };
      await link.delay(5, 0);
      const [hole, other] = [link.disturb(BLACKHOLE), link.disturb(delayToxics(7, 0))];
      await hole.act();
      await other.act();
      expect(await toxics()).to.have.length(6);
      for (let i = 0; i < 2; i++) {
        expect(await removeToxics(hole.entry.url, hole.entry.toxics)).to.deep.equal([]);
        const left = ['delay-downstream', 'delay-upstream', ...other.entry.toxics].toSorted();
        expect(await toxics()).to.deep.equal(left);
      }
    });
  });
}

for (const server of SERVERS) {
  describe(`links that refuse, on ${server}`, () => {
    let started: TestedLinks;
    before(async function () {
      started = await startTestedLinks(this, server);
    });
    after(() => started?.stop());

    const enable = (entry: Refused, upstream?: string) =>
      refusedUndo.perform(
        upstream === undefined
          ? entry
          : { ...entry, proxies: entry.proxies.map((proxy) => ({ ...proxy, upstream })) },
        { clock: hostClock(), environment: {}, own: KEPT, system: KEPT },
      );

    it('take connections again from the log alone, where they lead as they did', async () => {
      const link = started.links.create('refusing');
      await link.addProxy('refusing.a', { host: '127.0.0.1', port: 9 });
      const refusal = link.refuse();
      await refusal.act();
      expect(await link.isSevered()).to.equal(true);
      expect(await enable(refusal.entry, '127.0.0.1:10')).to.deep.equal([]);
      expect(await link.isSevered()).to.equal(true);
      expect(await enable(refusal.entry)).to.deep.equal([]);
      expect(await link.isSevered()).to.equal(false);
      // Whoever heals it afterwards is told that it was over.
      expect(await refusal.undo()).to.deep.equal(['the refusal of refusing.a']);
    });

    it('stay cut where a fence has cut them, before or after', async () => {
      const link = started.links.create('fenced');
      await link.addProxy('fenced.a', { host: '127.0.0.1', port: 9 });
      const refusal = link.refuse();
      await refusal.act();
      await link.sever();
      expect(await refusal.undo()).to.deep.equal([]);
      expect(await link.isSevered()).to.equal(true);
      await link.restore();
      expect(await link.isSevered()).to.equal(false);
      const again = link.refuse();
      await again.act();
      await link.sever();
      await link.restore();
      expect(await link.isSevered(), 'the other one still refuses').to.equal(true);
      await again.undo();
      expect(await link.isSevered()).to.equal(false);
    });
  });
}

describe('disturbances on a proxy server that is gone', () => {
  it('are over, also where something else listens there by now', async () => {
    const stranger = createServer((_, response) => response.end('{"hello":1}'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    expect(await removeToxics(url, ['blackhole-upstream-1'])).to.deep.equal([]);
    await new Promise((resolve) => stranger.close(resolve));
    expect(await removeToxics(url, ['blackhole-upstream-1'])).to.deep.equal([]);
  });
});
