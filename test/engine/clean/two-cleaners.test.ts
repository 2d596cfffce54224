// Two cleaners of one run: the second waits for the first, and then says what is so.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimSystem } from '../../../src/evidence/claims.ts';
import { finishUndoLog } from '../../../src/evidence/undo.ts';
import { cleanRuns } from '../../../src/session/clean.ts';

const RUN = '20261122T201000Z-shop-00aa';
const KEY = '0123456789abcdef0123456789abcdef';
const GONE = { pid: 2 ** 22 + 1, started: '1' };

describe('the second of two cleaners', () => {
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'drill-cleaners-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  for (const isFinished of [true, false]) {
    it(`waits, the first one ${isFinished ? 'ending well' : 'giving up'}`, async () => {
      const place = join(root, 'runs', RUN);
      const scratch = join(root, `drill-${RUN}`);
      mkdirSync(place, { recursive: true });
      mkdirSync(scratch, { mode: 0o700 }); // its mark is gone already
      const owner = { undo: 'owner', run: RUN, owner: GONE, key: KEY, scratch };
      const log = join(place, 'undo.ndjson');
      const entries = [owner, { undo: 'directory', path: scratch }];
      writeFileSync(log, entries.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const first = claimSystem(place, 'drill clean');
      if (!('release' in first)) throw new Error('it is claimed already');
      let hasEnded = false;
      const second = cleanRuns([place], false, { environment: { PATH: '/nowhere' } });
      const ended = second.finally(() => (hasEnded = true));
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(hasEnded, 'it waits for the first').to.equal(false);
      if (isFinished) {
        rmSync(scratch, { recursive: true });
        finishUndoLog(log);
      }
      first.release();
      const [cleaned] = await ended;
      const { outcome } = cleaned!;
      if (isFinished) expect(outcome.state).to.equal('nothing');
      else expect(outcome.state).to.equal('cleaned');
    });
  }
});
