// The files of a pack, from a tar file and from a folder: all of them, in one order, and nothing
// that is no plain file.
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytesOf,
  fileAt,
  filesBelow,
  hashOf,
  openPack,
} from '../../../src/evidence/pack/pack-file.ts';
import { clashIn, PackError, pathProblem } from '../../../src/evidence/pack/paths.ts';
import { endOfTar, headerOf, paddingOf } from '../../../src/evidence/pack/tar.ts';
import { sha256 } from '../../../src/host/sha256.ts';

const MB = 1024 * 1024;

describe('the files of a pack', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-files-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, content: string | Buffer = path) => {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const paths = (isTaken?: (path: string) => boolean) =>
    [...filesBelow(folder, isTaken)].map(({ path }) => path);
  const open = () => readdirSync('/proc/self/fd').length;

  it('are those of a folder and of those in it, by name, whoever takes them', () => {
    for (const path of ['b', 'a/z', 'a/b/c', 'a/a', 'B', 'c']) write(path);
    expect(paths()).to.deep.equal(['B', 'a/a', 'a/b/c', 'a/z', 'b', 'c']);
    expect(paths((path) => path !== 'a/b' && path !== 'c')).to.deep.equal(['B', 'a/a', 'a/z', 'b']);
  });

  it('lie in eight folders at most', () => {
    write('1/2/3/4/5/6/7/8/file');
    expect(paths()).to.deep.equal(['1/2/3/4/5/6/7/8/file']);
    write('1/2/3/4/5/6/7/8/9/file');
    expect(() => paths()).to.throw(PackError, '1/2/3/4/5/6/7/8/9 lies in more than 8 folders');
  });

  it('have names that every system has', () => {
    write('fine');
    write('a:b');
    expect(() => paths()).to.throw(PackError, /^a:b: "a:b" is no name that every system has/);
  });

  it('are read whole, in pieces, and let go of', () => {
    const bytes = randomBytes(2.5 * MB);
    const file = fileAt(write('large', bytes), 'large');
    const before = open();
    const chunks = [...file.chunks()];
    expect(chunks.map(({ length }) => length)).to.deep.equal([MB, MB, MB / 2]);
    expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
    expect(hashOf(file)).to.equal(sha256(bytes));
    expect([file.size, file.time_s, open()]).to.deep.equal([bytes.length, null, before]);
    // Half-way is let go of too.
    for (const _ of file.chunks()) break;
    expect(open()).to.equal(before);
  });

  it('are the same from a tar file, which is let go of at the end', () => {
    const bytes = randomBytes(1.5 * MB);
    const part = (path: string, content: Buffer) => {
      const header = headerOf({ path, size: content.length, time_s: 5 });
      return [header, content, paddingOf(content.length)];
    };
    const parts = [...part('a', bytes), ...part('b', Buffer.from('2')), endOfTar()];
    const file = write('x.tar', Buffer.concat(parts));
    const before = open();
    {
      using pack = openPack(file);
      expect(open()).to.equal(before + 1);
      for (let time = 1; time <= 2; time++) {
        const found = [...pack.files()].map((each) => [each.path, each.time_s, hashOf(each)]);
        expect(found).to.deep.equal([
          ['a', 5, sha256(bytes)],
          ['b', 5, sha256('2')],
        ]);
      }
    }
    expect(open()).to.equal(before);
    using unpacked = openPack(folder);
    expect([...unpacked.files()].map(({ path }) => path)).to.deep.equal(['x.tar']);
    expect(open()).to.equal(before);
  });

  it('are no devices, links or sockets', () => {
    const before = open();
    expect(() => openPack('/dev/null')).to.throw(PackError, 'it is neither a file nor a folder');
    expect(open()).to.equal(before);
    symlinkSync('/etc/passwd', join(folder, 'link'));
    expect(() => fileAt(join(folder, 'link'), 'link')).to.throw(PackError, 'link is no plain file');
    expect(() => paths()).to.throw(PackError, 'link is no plain file');
  });

  it('say so when they become shorter while they are read', () => {
    const place = write('shrinks', randomBytes(1.5 * MB));
    const file = fileAt(place, 'shrinks');
    truncateSync(place, MB);
    expect(() => [...file.chunks()]).to.throw(PackError, 'it became shorter while it was read');
  });

  it('are small where they have to be', () => {
    const file = fileAt(write('key', '12345'), 'key');
    expect(bytesOf(file, 5).toString()).to.equal('12345');
    expect(() => bytesOf(file, 4)).to.throw(PackError, 'key has 5 bytes, expected at most 4');
  });
});

describe('the path of a file in a pack', () => {
  it('is refused where some system has no such name', () => {
    const bad = [
      '',
      '/a',
      'a/',
      '../a',
      'a//b',
      '.a',
      '-a',
      'a ',
      'a.',
      'a\nb',
      'é',
      'a\\b',
      'a:b',
    ];
    const devices = ['con', 'PRN', 'aux.txt', 'nul', 'x/nul', 'com1', 'com9.log', 'lpt0', 'lpt7'];
    for (const path of [...bad, ...devices]) expect(pathProblem(path), path).to.be.a('string');
    const good = [
      'a',
      'A1/b_c',
      'a-b.c',
      'a b',
      'a+@=,()~',
      'icon',
      'con1',
      'lptx',
      'nulls',
      'com',
    ];
    for (const path of good) expect(pathProblem(path), path).to.equal(null);
    expect(pathProblem('a/..')).to.match(/^"\.\." is no name that every system has: letters, /);
  });

  it('has 240 letters at most', () => {
    expect(pathProblem('a'.repeat(240))).to.equal(null);
    expect(pathProblem('a'.repeat(241))).to.equal('its path has 241 letters, at most 240');
  });

  it('clashes with one that differs in case alone', () => {
    expect(clashIn(['a', 'b', 'c/A'])).to.equal(null);
    expect(clashIn(['b', 'c/Plan', 'x', 'C/pLAN'])).to.deep.equal(['c/Plan', 'C/pLAN']);
    // ß has no capital of its own, and is no ss.
    expect(clashIn(['ß', 'ss'])).to.equal(null);
    expect(new PackError('x').name).to.equal('PackError');
  });
});
