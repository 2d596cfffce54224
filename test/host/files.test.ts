import { expect } from 'chai';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTree, makeDirectories, removeTree, tailOf } from '../../src/host/files.ts';
import {
  isMarkedDirectory,
  makeMarkedDirectory,
  runOfDirectory,
} from '../../src/host/tree/marked-directory.ts';
import { isLackOfMachine } from '../../src/host/machine/machine-error.ts';
import { isFailure } from '../../src/host/operation-failed.ts';

describe('files', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'drill-files-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('copies a directory with its modes', async () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(join(root, 'a', 'b', 'c'), 'text', { mode: 0o600 });
    await copyTree(join(root, 'a'), join(root, 'copy'), process.env);
    expect(readFileSync(join(root, 'copy', 'b', 'c'), 'utf8')).to.equal('text');
    expect(statSync(join(root, 'copy', 'b', 'c')).mode & 0o777).to.equal(0o600);
  });

  for (const [signal, lacks] of [
    ['KILL', false],
    ['XFSZ', true],
  ] as const) {
    it(`does not begin a copy again that was ended, which is no bug in drill: ${signal}`, async () => {
      mkdirSync(join(root, 'bin'));
      const calls = join(root, 'calls');
      const cp = `#!/bin/sh\necho call >>${calls}\nkill -${signal} $$\n`;
      writeFileSync(join(root, 'bin', 'cp'), cp, { mode: 0o755 });
      mkdirSync(join(root, 'a'));
      const PATH = `${join(root, 'bin')}:${process.env['PATH']}`;
      const copying = copyTree(join(root, 'a'), join(root, 'copy'), { PATH });
      const error = await copying.then(
        () => 'copied',
        (each: unknown) => each,
      );
      expect(isFailure(error), String(error)).to.equal(true);
      expect(isLackOfMachine(error), String(error)).to.equal(lacks);
      expect(readFileSync(calls, 'utf8')).to.equal('call\n');
      expect(existsSync(join(root, 'copy'))).to.equal(false);
    });
  }

  it('makes no copy in a place that was removed meanwhile, nor the place again', async () => {
    mkdirSync(join(root, 'bin'));
    mkdirSync(join(root, 'place'));
    mkdirSync(join(root, 'a'));
    const cp = `#!/bin/sh\nrmdir ${join(root, 'place')}\nexit 1\n`;
    writeFileSync(join(root, 'bin', 'cp'), cp, { mode: 0o755 });
    const PATH = `${join(root, 'bin')}:${process.env['PATH']}`;
    const copying = copyTree(join(root, 'a'), join(root, 'place', 'copy'), { PATH });
    const ended = await copying.then(
      () => 'copied',
      () => 'failed',
    );
    expect(ended).to.equal('failed');
    expect(existsSync(join(root, 'place'))).to.equal(false);
  });

  it('knows which run a directory belongs to, from below it too', () => {
    makeMarkedDirectory(join(root, 'run'), 'run-1', 0o711);
    mkdirSync(join(root, 'run', 'east', 'data'), { recursive: true });
    expect(runOfDirectory(join(root, 'run', 'east', 'data'))).to.equal('run-1');
    expect(isMarkedDirectory(join(root, 'run'))).to.equal(true);
    expect(isMarkedDirectory(join(root, 'run', 'east'))).to.equal(false);
    expect(runOfDirectory(root)).to.equal(null);
  });

  it('makes a directory with those above it, and says where it cannot', () => {
    makeDirectories(join(root, 'a', 'b'), 0o700);
    makeDirectories(join(root, 'a', 'b'));
    expect(statSync(join(root, 'a')).mode & 0o777).to.equal(0o700);
    writeFileSync(join(root, 'file'), '');
    expect(() => makeDirectories(join(root, 'file', 'x'))).to.throw('ENOTDIR');
    expect(() => makeDirectories(join(root, 'file'))).to.throw('EEXIST');
    // Node's own never ends here.
    if (existsSync('/proc')) expect(() => makeDirectories('/proc/none/x')).to.throw('ENOENT');
  });

  it('removes nothing where there is nothing', () => {
    writeFileSync(join(root, 'file'), '');
    removeTree(join(root, 'none'));
    removeTree(join(root, 'file', 'none'));
    expect(existsSync(join(root, 'file'))).to.equal(true);
  });

  it('shows the last lines of a log, and none of a log that is not there', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    writeFileSync(join(root, 'log'), `${lines.join('\n')}\n`);
    expect(tailOf(join(root, 'log'), 2)).to.deep.equal(['line 4998', 'line 4999']);
    expect(tailOf(join(root, 'none'), 2)).to.deep.equal([]);
  });
});
