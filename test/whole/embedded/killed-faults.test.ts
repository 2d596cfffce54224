// Faults whose runner is killed in the middle, on a system that lives on: `drill clean` heals them
// from the undo log alone, and the next drill finds the system whole.
import { expect } from 'chai';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areStopped } from '../../../src/host/process/processes.ts';
import { setArchiving } from '../../../src/postgres/backup/archiver.ts';
import { adminAddress } from '../../../src/topology/assembled/database.ts';
import { LATER, systemUp } from '../../support/whole/killed.ts';

const FAULTS = {
  'a region that is cut off': '{ at: 300ms, kind: lose-region, region: east, how: partition }',
  'a link that is slow': `{ at: 300ms, kind: latency, latency: 1s }\n  - ${LATER}`,
  'a region that stands still': '{ at: 300ms, kind: lose-region, region: east, how: freeze }',
};

describe('a fault whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  const system = systemUp();

  async function toxics(): Promise<string[]> {
    const reply = await fetch(`${system.parts.proxy.url}/proxies`);
    const proxies = (await reply.json()) as Record<string, { toxics: { name: string }[] }>;
    const names = Object.values(proxies).flatMap(({ toxics: on }) => on.map(({ name }) => name));
    return names.filter((name) => !/^delay-(up|down)stream$/.test(name)); // the link's own
  }

  const stopped = () => {
    const { servers, apps } = system.parts;
    return [...servers, ...apps].filter(({ pid }) => areStopped([pid]));
  };

  for (const [what, faults] of Object.entries(FAULTS)) {
    it(`is healed by drill clean: ${what}`, async () => {
      await system.kill('fault.injected', faults);
      expect([...(await toxics()), ...stopped()], 'the fault lasts').not.to.deep.equal([]);
      await system.clean();
      expect([...(await toxics()), ...stopped()]).to.deep.equal([]);
    });
  }

  it('is healed by drill clean, an archive that is broken too, and the next drill begins', async () => {
    const { servers, admin } = system.parts;
    const server = servers.find(({ node }) => node === 'east/postgres')!;
    const settings = () => readFileSync(join(server.data, 'postgresql.auto.conf'), 'utf8');
    await system.kill('steady.started', FAULTS['a region that is cut off']);
    // No system with an archive can be left up yet, so that no drill can break one there.
    const { node } = server;
    const entry = { undo: 'archive-command', system: system.directory, node, id: 99 };
    appendFileSync(join(system.place.runs().at(-1)!, 'undo.ndjson'), `${JSON.stringify(entry)}\n`);
    await setArchiving(adminAddress(server, admin), false);
    expect(settings()).to.contain('no space left on device');
    await system.clean();
    expect(settings()).not.to.contain('no space left on device');
  });
});
