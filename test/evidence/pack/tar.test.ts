// A tar that every system unpacks and that has room for nothing else, and the paths in it.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clashIn, pathProblem } from '../../../src/evidence/pack/paths.ts';
import { endOfTar, entriesOf, headerOf, paddingOf } from '../../../src/evidence/pack/tar.ts';

describe('a path in a pack', () => {
  it('is one that every system has, below the folder', () => {
    const good = ['runs/a-1/logs/east-postgres.log', 'README.txt', 'a b.txt', '_x', 'a..b', 'x~1'];
    for (const path of good) expect(pathProblem(path), path).to.equal(null);
    const bad = ['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', './a', 'a\\b', 'C:x', 'a:b'];
    bad.push('nul', 'NUL.txt', 'com1', 'a/con', 'x.', 'x ', ' x', '-x', 'é', 'a\nb', 'a\u0000b');
    bad.push('a*b', 'a?b', '.git/config', 'x'.repeat(241));
    for (const path of bad) expect(pathProblem(path), path).to.be.a('string');
    expect(clashIn(['a/b', 'c', 'A/B'])).to.deep.equal(['a/b', 'A/B']);
    expect(clashIn(['a/b', 'a/c'])).to.equal(null);
  });
});

describe('a tar file', () => {
  const TIME_S = 1_795_888_800;
  const long = `runs/${'r'.repeat(90)}/logs/east-postgres.log`;
  const contents: Readonly<Record<string, string>> = {
    'a.txt': 'hello',
    empty: '',
    [long]: 'x'.repeat(512),
  };
  const tarOf = (files: Readonly<Record<string, string>>) => {
    const parts = Object.entries(files).flatMap(([path, text]) => {
      const size = text.length;
      return [headerOf({ path, size, time_s: TIME_S }), Buffer.from(text), paddingOf(size)];
    });
    return Buffer.concat([...parts, endOfTar()]);
  };
  const read = (bytes: Buffer) => {
    const source = {
      size: bytes.length,
      read: (at: number, length: number) => bytes.subarray(at, at + length),
    };
    return [...entriesOf(source)].map(({ path, at, size }) => {
      return [path, bytes.subarray(at, at + size).toString()];
    });
  };
  const whole = tarOf(contents);

  it('is what the tar of this system unpacks, paths of more than 100 letters too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-tar-'));
    try {
      writeFileSync(join(folder, 'x.tar'), whole);
      execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder });
      for (const [path, text] of Object.entries(contents)) {
        expect(readFileSync(join(folder, path), 'utf8')).to.equal(text);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(Object.fromEntries(read(whole))).to.deep.equal(contents);
  });

  const altered = (at: number, text: string) => {
    const bytes = Buffer.from(whole);
    bytes.write(text, at, 'latin1');
    return bytes;
  };
  const resum = (bytes: Buffer) => {
    bytes.write(' '.repeat(8), 148, 'latin1');
    const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
    return bytes;
  };
  const bad: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'is cut off in a header': [whole.subarray(0, 700), /cut off|hidden/],
    'is cut off in a file': [whole.subarray(0, 514), /a\.txt is cut off/],
    'has no end': [whole.subarray(0, -1024), /is cut off at byte/],
    'has half an end': [whole.subarray(0, -512), /is cut off at byte/],
    'has something behind its end': [Buffer.concat([whole, Buffer.alloc(512)]), /behind its end/],
    'has something behind a file': [altered(512 + 5, 'x'), /hidden behind a\.txt/],
    'has a link': [resum(altered(156, '2')), /no header of a plain file/],
    'has a device': [resum(altered(156, '3')), /no header of a plain file/],
    'has a folder': [resum(altered(156, '5')), /no header of a plain file/],
    'has a long name of GNU': [resum(altered(156, 'L')), /no header of a plain file/],
    'has another mode': [resum(altered(100, '0004755')), /no header of a plain file/],
    'has something in an unused field': [resum(altered(500, 'x')), /no header of a plain file/],
    'has a path upwards': [resum(altered(0, '../..')), /no name that every system has/],
    'has an absolute path': [resum(altered(0, '/a.tx')), /no name that every system has/],
    'has a size that is none': [resum(altered(124, '-0000000001')), /no header of a plain file/],
    'is compressed': [Buffer.concat([Buffer.from([0x1f, 0x8b]), whole]), /gzip/],
    'is empty': [Buffer.alloc(0), /cut off at byte 0/],
  };
  for (const [title, [bytes, problem]] of Object.entries(bad)) {
    it(`is refused where it ${title}`, () => {
      expect(() => read(bytes)).to.throw(problem);
    });
  }

  it('has no room in a header for a name of more than 100 letters', () => {
    expect(() => headerOf({ path: 'x'.repeat(101), size: 0, time_s: 0 })).to.throw(/has room/);
  });
});
