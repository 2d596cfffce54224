import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leftBehindText } from '../../src/cli/session-of.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';

describe('what a run leaves that is broken off by force', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  function text(place: string, entries: readonly object[]): string {
    const directory = join(folder, place);
    mkdirSync(directory, { recursive: true });
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    writeFileSync(join(directory, 'undo.ndjson'), lines);
    return leftBehindText({ id: 'r', directory }, { directory: folder, environment: {} });
  }
  const owner = { undo: 'owner', run: 'r', owner: { pid: 1, started: 'x' } };

  it('is what its undo log names, with the line that cleans it', () => {
    const said = text('.drill/runs/r', [owner, { undo: 'directory', path: '/tmp/d' }]);
    expect(said)
      .to.include('  directory /tmp/d\n')
      .and.match(/\n {2}drill clean r\n$/);
    expect(said).not.to.include('run r');
  });

  it('names the path of a run that is in another place', () => {
    expect(text('my runs/r', [owner])).to.include(`  drill clean '${folder}/my runs/r'\n`);
  });

  it('is nothing after the clean-up, and not known without a log', () => {
    expect(text('a', [owner, { undo: 'done' }])).to.include('nothing was left');
    const none = { id: 'r', directory: join(folder, 'none') };
    const said = leftBehindText(none, { directory: folder, environment: {} });
    expect(said).to.include('  drill clean ');
  });
});
