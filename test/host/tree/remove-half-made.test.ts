// What killed processes were making: known by its name, removed, and nobody else's.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makerEnding } from '../../../src/host/half-made/ending.ts';
import { writePrivateFile } from '../../../src/host/files.ts';
import { removeHalfMade } from '../../../src/host/tree/remove-half-made.ts';

const NOBODY = 2 ** 22 + 1;

describe('half-made things', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('go where their maker is gone, and stay where it lives or nobody made them', () => {
    const own = `system.json.making-${makerEnding()}`;
    const gone = makerEnding().replace(/^\d+/, String(NOBODY));
    for (const name of [own, `system.json.making-${gone}`, 'system.json', 'a.making-b']) {
      writeFileSync(join(folder, name), '');
    }
    mkdirSync(join(folder, `.drill-doctor-0a.making-${gone}`, 'file'), { recursive: true });
    removeHalfMade(folder);
    expect(readdirSync(folder).toSorted()).to.deep.equal(['a.making-b', 'system.json', own]);
  });

  it('are those alone that are meant', () => {
    const name = `other.making-${makerEnding().replace(/^\d+/, String(NOBODY))}`;
    writeFileSync(join(folder, name), '');
    removeHalfMade(folder, (each) => each.startsWith('drill-'));
    expect(readdirSync(folder)).to.deep.equal([name]);
  });

  it('are in no way of a later process with the same id', () => {
    const file = join(folder, 'system.json');
    writeFileSync(`${file}.making-${makerEnding()}`, 'half');
    writePrivateFile(file, 'whole', null);
    expect(readdirSync(folder)).to.deep.equal(['system.json']);
  });
});
