// A scratch directory that somebody was killed over: while it was being made, or removed by the run
// or by `drill clean`. What is left of it says nothing any more of whose it is, and holds nothing.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanRuns } from '../../../src/session/clean.ts';

const RUN = '20261122T201000Z-shop-00aa';
const KEY = '0123456789abcdef0123456789abcdef';
const GONE = { pid: 2 ** 22 + 1, started: '1' };

describe('a scratch directory that is half made or half removed', () => {
  let root = '';
  let scratch = '';
  let place = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-test-'));
    place = join(root, 'runs', RUN);
    scratch = join(root, `drill-${RUN}`);
    mkdirSync(place, { recursive: true });
    const owner = { undo: 'owner', run: RUN, owner: GONE, key: KEY, scratch };
    const entries = [owner, { undo: 'directory', path: scratch }, { undo: 'processes', run: RUN }];
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(join(place, 'undo.ndjson'), lines.join(''));
    mkdirSync(scratch, { mode: 0o700 });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const clean = async () => {
    const [cleaned] = await cleanRuns([place], false, { environment: {} });
    return cleaned!.outcome;
  };

  const LEFT: Readonly<Record<string, readonly string[]>> = {
    nothing: [],
    'its mark': ['.drill-run'],
    'its mark and a half owner': ['.drill-run', 'run-directory', `owner.json.making-${GONE.pid}`],
  };
  for (const [what, names] of Object.entries(LEFT)) {
    it(`is removed where ${what} is in it`, async () => {
      for (const name of names) writeFileSync(join(scratch, name), `${RUN}\n`);
      expect(await clean()).to.deep.include({ state: 'cleaned', left: [] });
      expect(existsSync(scratch)).to.equal(false);
    });
  }

  it('stays where something else is in it', async () => {
    mkdirSync(join(scratch, 'precious'));
    expect((await clean()).state).to.equal('refused');
    expect(readdirSync(scratch)).to.deep.equal(['precious']);
  });
});
