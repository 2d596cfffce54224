// Faults whose runner is killed in the middle, on a system that lives on: `drill clean` heals them
// from the undo log alone, and the next drill finds the system whole.
import { expect } from 'chai';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areStopped } from '../../../src/host/process/processes.ts';
import { setArchiving } from '../../../src/postgres/backup/archiver.ts';
import { adminAddress } from '../../../src/topology/assembled/database.ts';
import { readKeptSystem } from '../../../src/topology/kept-system.ts';
import type { EmbeddedParts } from '../../../src/topology/embedded/keep.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { calmDrill, killAt } from '../../support/whole/killed.ts';

const FAULTS = {
  'a region that is cut off': '{ at: 300ms, kind: lose-region, region: east, how: partition }',
  'a link that is slow':
    '{ at: 300ms, kind: latency, latency: 1s }\n' +
    '  - { at: 60s, kind: lose-region, region: east }',
  'a region that stands still': '{ at: 300ms, kind: lose-region, region: east, how: freeze }',
};

describe('a fault whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  let place: Workplace;
  let system: string;
  let parts: EmbeddedParts;

  before(async () => {
    place = new Workplace(calmDrill(FAULTS['a region that is cut off']));
    const up = await place.run(['up', 'drill.yaml']);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
    system = place.runs().at(-1)!;
    parts = readKeptSystem(system).parts as EmbeddedParts;
  });
  after(async () => {
    await place.run(['clean']);
    await place.run(['down', '--all']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  async function kill(event: string, faults: string): Promise<void> {
    place.write('killed.yaml', calmDrill(faults));
    await killAt(place, event, 'killed.yaml');
  }

  async function toxics(): Promise<string[]> {
    const reply = await fetch(`${parts.proxy.url}/proxies`);
    const proxies = (await reply.json()) as Record<string, { toxics: { name: string }[] }>;
    const names = Object.values(proxies).flatMap(({ toxics: on }) => on.map(({ name }) => name));
    return names.filter((name) => !/^delay-(up|down)stream$/.test(name)); // the link's own
  }

  const stopped = () => [...parts.servers, ...parts.apps].filter(({ pid }) => areStopped([pid]));

  for (const [what, faults] of Object.entries(FAULTS)) {
    it(`is healed by drill clean: ${what}`, async () => {
      await kill('fault.injected', faults);
      expect([...(await toxics()), ...stopped()], 'the fault lasts').not.to.deep.equal([]);
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
      expect([...(await toxics()), ...stopped()]).to.deep.equal([]);
    });
  }

  it('is healed by drill clean, an archive that is broken too, and the next drill begins', async () => {
    const server = parts.servers.find(({ node }) => node === 'east/postgres')!;
    const settings = () => readFileSync(join(server.data, 'postgresql.auto.conf'), 'utf8');
    await kill('steady.started', FAULTS['a region that is cut off']);
    // No system with an archive can be left up yet, so that no drill can break one there.
    const entry = { undo: 'archive-command', system, node: server.node, id: 99 };
    appendFileSync(join(place.runs().at(-1)!, 'undo.ndjson'), `${JSON.stringify(entry)}\n`);
    await setArchiving(adminAddress(server, parts.admin), false);
    expect(settings()).to.contain('no space left on device');
    const cleaned = await place.run(['clean']);
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(settings()).not.to.contain('no space left on device');
  });
});
