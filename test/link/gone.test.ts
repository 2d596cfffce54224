// What the end of a disturbance or of a cut says was not there any more, on both proxy servers: after
// a reset, a toxic that was changed or removed, a proxy that was opened or is gone.
import { expect } from 'chai';
import type { Link } from '../../src/link/links.ts';
import { BLACKHOLE, delayToxics, together } from '../../src/link/toxics.ts';
import { ask, SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

for (const server of SERVERS) {
  describe(`what is gone on ${server}`, () => {
    let started: TestedLinks;
    let link: Link;
    let count = 0;

    before(async function () {
      started = await startTestedLinks(this, server);
    });
    after(async () => await started?.stop());
    beforeEach(async () => {
      link = started.links.create(`gone-${++count}`);
      for (const name of ['a', 'b']) {
        await link.addProxy(`${link.name}.${name}`, { host: '127.0.0.1', port: 9 });
      }
    });

    const post = (path: string, body: unknown = {}) => ask(started.links.url, 'POST', path, body);
    const proxy = (name: string) => `/proxies/${link.name}.${name}`;
    const [upstream, downstream] = ['upstream', 'downstream'].map((way) => {
      return new RegExp(`^toxic blackhole-${way}-\\w+ of gone-\\d+\\.[ab]$`);
    });

    it('is nothing where all is as it was put there, cut or not, and twice', async () => {
      const hole = link.disturb(BLACKHOLE);
      const slow = link.disturb(delayToxics(100, 0));
      await hole.act();
      await slow.act();
      await link.addProxy(`${link.name}.c`, { host: '127.0.0.1', port: 9 });
      await link.sever();
      for (const each of [hole, slow, hole]) expect(await each.undo()).to.deep.equal([]);
      expect(await link.restore()).to.deep.equal([]);
      expect(await link.restore()).to.deep.equal([]);
    });

    it('is nothing on proxies that join while the link gets its delay', async () => {
      const names = ['c', 'd', 'e', 'f', 'g', 'h'];
      const joins = names.map((name) =>
        link.addProxy(`${link.name}.${name}`, { host: '127.0.0.1', port: 9 }),
      );
      await Promise.all([link.delay(20, 0), ...joins]);
      expect(await link.lostDelay()).to.deep.equal([]);
    });

    it('is nothing where nothing had been done', async () => {
      expect(await link.disturb(BLACKHOLE).undo()).to.deep.equal([]);
      expect(await link.restore()).to.deep.equal([]);
    });

    it('is everything after a reset, and the cut too; told each time', async () => {
      const both = together([link.disturb(BLACKHOLE), link.disturb(delayToxics(100, 0))]);
      await both.act();
      await link.sever();
      await post('/reset');
      const gone = await both.undo();
      expect(gone).to.have.length(2 * (2 + 2));
      expect(gone[0]).to.match(upstream!);
      expect(await both.undo()).to.deep.equal(gone);
      expect(await link.restore()).to.deep.equal([
        `the cut of ${link.name}.a`,
        `the cut of ${link.name}.b`,
      ]);
    });

    it('is the delay of a link, and what is on top of it is another thing', async () => {
      expect(await link.lostDelay()).to.deep.equal([]);
      await link.delay(20, 2);
      const slow = link.disturb(delayToxics(100, 0));
      await slow.act();
      expect(await link.lostDelay()).to.deep.equal([]);
      await slow.undo();
      expect(await link.lostDelay()).to.deep.equal([]);
      const away = { attributes: { latency: 1, jitter: 0 } };
      await post(`${proxy('a')}/toxics/delay-upstream`, away);
      expect(await link.lostDelay()).to.deep.equal([`toxic delay-upstream of ${link.name}.a`]);
      await post('/reset');
      expect(await link.lostDelay()).to.have.length(2 * 2);
    });

    it('is one toxic that somebody removed, and one that somebody changed', async () => {
      const hole = link.disturb(BLACKHOLE);
      const slow = link.disturb(delayToxics(100, 0));
      await hole.act();
      await slow.act();
      const [, lower] = hole.entry.toxics;
      const [delay] = slow.entry.toxics;
      await ask(started.links.url, 'DELETE', `${proxy('b')}/toxics/${lower!}`);
      await post(`${proxy('a')}/toxics/${delay!}`, { attributes: { latency: 1, jitter: 0 } });
      const holes = await hole.undo();
      expect(holes).to.deep.equal([`toxic ${lower!} of ${link.name}.b`]);
      expect(holes[0]).to.match(downstream!);
      expect(await slow.undo()).to.deep.equal([`toxic ${delay!} of ${link.name}.a`]);
    });

    it('is what was on a proxy that somebody deleted, and no more', async () => {
      const hole = link.disturb(BLACKHOLE);
      await hole.act();
      await ask(started.links.url, 'DELETE', proxy('a'));
      const gone = await hole.undo();
      expect(gone.map((each) => each.replace(/^.* of /, ''))).to.deep.equal(
        Array(2).fill(`${link.name}.a`),
      );
    });
  });
}
