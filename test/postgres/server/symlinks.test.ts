import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenSymlinks, repairSymlinks } from '../../../src/postgres/server/binaries.ts';

describe('links of the platform package', () => {
  let root: string;
  let native: string;
  const lib = (name: string) => join(native, 'lib', name);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-links-'));
    native = join(root, 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    writeFileSync(lib('libpq.so.5.18'), 'ours');
    const links = ['libpq.so.5', 'libpq.so'].map((name) => {
      return { source: 'native/lib/libpq.so.5.18', target: `native/lib/${name}` };
    });
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('makes the missing ones', () => {
    expect(brokenSymlinks(native)).to.have.members([lib('libpq.so.5'), lib('libpq.so')]);
    repairSymlinks(native);
    expect(brokenSymlinks(native)).to.deep.equal([]);
    expect(readFileSync(lib('libpq.so.5'), 'utf8')).to.equal('ours');
  });

  it('replaces one that leads to another library', () => {
    writeFileSync(join(root, 'system.so'), 'theirs');
    symlinkSync(join(root, 'system.so'), lib('libpq.so.5'));
    repairSymlinks(native);
    expect(readFileSync(lib('libpq.so.5'), 'utf8')).to.equal('ours');
  });
});
