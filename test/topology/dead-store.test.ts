// `drill clean` of what was done to a store of a system that is up, where the store is dead by then.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '../../src/evidence/undo.ts';
import { writeKeptSystem } from '../../src/topology/kept-system.ts';
import { ownProcess } from '../../src/host/process/processes.ts';
import { performUndo } from '../../src/topology/undo.ts';
import { provenRun } from '../support/system/proven-run.ts';

const NODE = 'west/postgres';
const GONE = { pid: 2 ** 22, started: 'never' };

/** What is left of it, beside a server that is gone, or that refuses. */
async function leftOf(effect: Effect, server = GONE): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'drill-dead-store-'));
  try {
    const own = provenRun('up', join(directory, 'scratch'), directory);
    const nodes = ['postgresql', 'redis'].map((protocol) => {
      const node = protocol === 'redis' ? 'west/redis' : NODE;
      return { node, url: `${protocol}://127.0.0.1:1/`, connect: '' };
    });
    const admin = { user: 'nobody', password: '' };
    const parts = { servers: [{ node: NODE, ...server }], admin };
    writeKeptSystem(directory, { run: 'up', runtime: 'embedded', nodes, parts });
    return (await performUndo(effect, { own, system: own })).join();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const disturbed = (how: string, node = NODE) => ({ undo: 'disturbed-store', node, how });

describe('drill clean of a store that is dead', () => {
  const left = /^west\/postgres is dead, .*: drill clean again once it does, or drill down$/;
  for (const effect of [
    disturbed('stop-replication'),
    disturbed('release'),
    { undo: 'archive-command', node: NODE },
  ]) {
    it(`leaves what stands on its disk: ${'how' in effect ? effect.how : effect.undo}`, async () => {
      expect(await leftOf(effect)).to.match(left);
    });
  }

  it('leaves it too where the server is there and refuses', async () => {
    expect(await leftOf(disturbed('stop-replication'), ownProcess())).to.match(left);
    expect(await leftOf(disturbed('pause-replay'), ownProcess())).to.equal('');
  });

  it('has nothing to do for what a store takes along when it dies', async () => {
    for (const effect of [disturbed('pause-replay'), disturbed('lock-table')]) {
      expect(await leftOf(effect), effect.how).to.equal('');
    }
  });
});
