import { expect } from 'chai';
import { attachLinks, type KnownLink } from '../../src/link/adopt.ts';
import { SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';
import { BLACKHOLE } from '../../src/link/toxics.ts';

for (const server of SERVERS) {
  describe(`links of a system that is up (${server})`, () => {
    let started: TestedLinks;
    let known: KnownLink;

    before(async function () {
      started = await startTestedLinks(this, server);
    });
    after(() => started?.stop());

    beforeEach(async () => {
      const name = `east-west-${Math.random().toString(36).slice(2)}`;
      const link = started.links.create(name);
      await link.delay(20, 2);
      await link.addProxy(`${name}.postgres`, { host: '127.0.0.1', port: 9 });
      known = { name, proxies: link.proxies, delay: { latency_ms: 20, jitter_ms: 2 } };
    });

    const attach = (changes: Partial<KnownLink> = {}) =>
      attachLinks(started.links.url, [{ ...known, ...changes }]);

    it('are theirs who attach: cut, restored, and with the delay on every later proxy', async () => {
      const { links, problems } = await attach();
      expect(problems).to.deep.equal([]);
      expect(links.server).to.equal(started.links.server);
      const link = links.get(known.name);
      await link.sever();
      expect(await started.links.get(known.name).isSevered()).to.equal(true);
      await link.restore();
      await link.delay(30, 0);
      const later = await link.addProxy(`${known.name}.later`, { host: '127.0.0.1', port: 9 });
      const proxies = [...known.proxies, later];
      const again = await attach({ proxies, delay: { latency_ms: 30, jitter_ms: 0 } });
      expect(again.problems).to.deep.equal([]);
    });

    it('are told of what an earlier drill has left on them', async () => {
      const link = started.links.get(known.name);
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      const swallowed = (await attach()).problems.join('\n');
      expect(swallowed).to.match(/postgres has the toxic blackhole-/);
      await hole.undo();
      expect((await attach()).problems).to.deep.equal([]);
      await link.sever();
      expect((await attach()).problems.join('\n')).to.contain('.postgres is cut');
      await link.restore();
    });

    it('are told of another delay, another upstream and a proxy that is gone', async () => {
      const other = (await attach({ delay: { latency_ms: 5, jitter_ms: 2 } })).problems.join('\n');
      expect(other)
        .to.match(/has the toxic delay-upstream/)
        .and.match(/lacks its delay-upstream/);
      const [proxy] = known.proxies;
      const elsewhere = { ...proxy!, upstream: { host: '127.0.0.1', port: 10 } };
      const moved = await attach({ proxies: [elsewhere] });
      expect(moved.problems.join()).to.contain('leads to 127.0.0.1:9 now');
      const gone = await attach({ proxies: [{ ...proxy!, name: 'never-made' }] });
      expect(gone.problems.join()).to.contain('the proxy never-made is gone');
    });
  });
}
