// Faults whose runner is killed in the middle, on a system that lives on: `drill clean` heals them
// from the undo log alone, and the system is as it was.
import { expect } from 'chai';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setArchiving } from '../../../src/postgres/backup/archiver.ts';
import { adminAddress } from '../../../src/topology/assembled/database.ts';
import { it, some } from '../../support/commands.ts';
import { changesIn, stateOf } from '../../support/kill/system-state.ts';
import { LATER, systemUp } from '../../support/whole/killed.ts';

const CUT_OFF = '{ at: 300ms, kind: lose-region, region: east, how: partition }';
const before = (fault: string) => `{ at: 300ms, ${fault} }\n  - ${LATER}`;

/** That of `npm test` first. */
const FAULTS = {
  'a region that is cut off': CUT_OFF,
  'an app that answers with errors': before('kind: app-errors, node: east/app-1, share: 100%'),
  'a region that stands still': '{ at: 300ms, kind: lose-region, region: east, how: freeze }',
  'a link that is slow': before('kind: latency, latency: 1s'),
  'a link that refuses': before('kind: refuse, link: clients-east'),
  'an app that is slow': before('kind: app-slow, node: east/app-1, by: 1s'),
  'an app that is dead': before('kind: kill-node, node: east/app-1'),
  'a standby that is stopped': before('kind: stop-node, node: west/postgres'),
  'a standby that follows nobody': before('kind: stop-replication'),
  'a standby that applies nothing': before('kind: pause-replay'),
  'a database that gets little of the processor': before(
    'kind: stress-cpu, node: east/postgres, leaves: 20%',
  ),
};
/** What ends with the runner, since its connections do. */
const HELD = {
  'a lock on a table': before('kind: lock-table'),
  'connections that are all taken': before('kind: exhaust-connections'),
};

describe('a fault whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  const system = systemUp();
  /** The drill empties the tables and writes its own. */
  const isRows = (name: string) => name.endsWith('rows of orders');

  for (const [[what, faults], it] of some(Object.entries(FAULTS), 1)) {
    it(`is healed by drill clean: ${what}`, async () => {
      const was = await stateOf(system.directory);
      await system.kill('fault.injected', faults);
      const is = await stateOf(system.directory);
      const changed = [...was.keys()].filter(
        (name) => !isRows(name) && is.get(name) !== was.get(name),
      );
      expect(changed, 'the fault lasts').not.to.deep.equal([]);
      await system.clean();
      expect(await changesIn(system.directory, was, isRows)).to.deep.equal([]);
    });
  }

  for (const [[what, faults], it] of some(Object.entries(HELD), 0)) {
    it(`has ended with its runner: ${what}`, async () => {
      const was = await stateOf(system.directory);
      await system.kill('fault.injected', faults);
      expect(await changesIn(system.directory, was, isRows)).to.deep.equal([]);
      await system.clean();
      expect(await changesIn(system.directory, was, isRows)).to.deep.equal([]);
    });
  }

  for (const how of ['kill', 'stop']) {
    for (const node of ['west/postgres', 'east/app-1']) {
      it.full(`is healed by drill clean: ${node} that comes back from a ${how}`, async () => {
        const was = await stateOf(system.directory);
        const faults = before(`kind: restart-node, node: ${node}, how: ${how}`);
        for (const after_ms of [0, 60, 120, 250]) {
          await system.kill('fault.started', faults, (drill) => drill, after_ms);
          await system.clean();
          expect(await changesIn(system.directory, was, isRows), `${after_ms} ms`).to.deep.equal(
            [],
          );
        }
      });
    }
  }

  it('is healed by drill clean, an archive that is broken too, and the next drill begins', async () => {
    const { servers, admin } = system.parts;
    const server = servers.find(({ node }) => node === 'east/postgres')!;
    const settings = () => readFileSync(join(server.data, 'postgresql.auto.conf'), 'utf8');
    await system.kill('steady.started', CUT_OFF);
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
