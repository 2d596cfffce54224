// A system that is up is taken over only from a folder of this user's, with what it has outside of
// that folder: processes, programs and addresses that somebody else wrote down are not obeyed.
import { expect } from 'chai';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeScratch } from '../../src/engine/begin/scratch.ts';
import { findKept } from '../../src/session/kept.ts';
import { requirePart } from '../support/require.ts';

const RUN = '20261122T201000Z-shop-00aa';
const KEY = '0123456789abcdef0123456789abcdef';
const GONE = { pid: 2 ** 22 + 1, started: '1' };

describe('a system that is up', () => {
  let root = '';
  let place = '';
  let scratch = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-kept-'));
    place = join(root, RUN);
    scratch = join(root, `drill-${RUN}`);
    mkdirSync(place);
    plant();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function plant(owner: object = {}, run = RUN): void {
    const first = { undo: 'owner', run: RUN, owner: GONE, key: KEY, scratch, ...owner };
    const lines = [first, { undo: 'kept' }].map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
    const system = { schema: 'drill.system/2', run, runtime: 'embedded', nodes: [], parts: {} };
    writeFileSync(join(place, 'system.json'), JSON.stringify(system));
  }
  const found = () => findKept(RUN, [], { runs: root, directory: root, environment: {} });

  it('is found in the folder of the run that made it', () => {
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, place);
    expect(found()).to.deep.include({ directory: place });
  });

  it('is not another run’s, by its key, its name or its description', () => {
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, place);
    plant({ key: 'f'.repeat(32) });
    expect(found).to.throw('it was made by a run with another log');
    plant({ run: '../x' });
    expect(found).to.throw('first line is damaged');
    plant({}, '20261122T201000Z-shop-00bb');
    expect(found).to.throw('a description of the system of run 20261122T201000Z-shop-00bb');
  });

  it('is not another user’s', function () {
    requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can make files of others');
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, place);
    chownSync(place, 65534, 65534);
    expect(found).to.throw('it belongs to another user');
  });
});
