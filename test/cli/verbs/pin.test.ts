import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, runsDirectory } from '../../../src/archive/run-directory.ts';
import { pinVerb, unpinVerb } from '../../../src/cli/verbs/pin.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

describe('drill pin, drill unpin', () => {
  const id = '20261122T201317Z-outage-00aa';
  let directory = '';
  let place = '';
  beforeEach(() => {
    directory = makeFolder();
    place = createRunDirectory(runsDirectory(directory), id);
  });
  afterEach(() => removeFolder(directory));

  it('mark a run and take the mark away, and say what is so already', async () => {
    const pin = () => call(pinVerb, { run: 'outage' }, directory);
    const unpin = () => call(unpinVerb, { run: 'latest' }, directory);
    const stderr = `outage: ${id}\n`; // which run the name stands for
    expect(await pin()).to.deep.equal({ code: 0, stdout: `${id}: pinned\n`, stderr });
    expect(existsSync(join(place, 'pinned'))).to.equal(true);
    expect((await pin()).stdout).to.equal(`${id}: pinned already\n`);
    expect((await unpin()).stdout).to.equal(`${id}: unpinned\n`);
    expect(existsSync(join(place, 'pinned'))).to.equal(false);
    expect((await unpin()).stdout).to.equal(`${id}: not pinned already\n`);
  });
});
