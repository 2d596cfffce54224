// What drill makes where others can put something in its way, such as a link to a file of the
// user's.
import { expect } from 'chai';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateDirectory, writePrivateFile } from '../../src/host/files.ts';
import {
  isMarkedDirectory,
  makeMarkedDirectory,
  removeMarkedDirectory,
  runOfDirectory,
} from '../../src/host/tree/marked-directory.ts';
import { writeDurably } from '../../src/host/durable.ts';
import { exitOf, startDetached } from '../../src/host/process/detached.ts';
import { temporaryDirectory } from '../../src/host/temporary.ts';
import { ownUid } from '../../src/host/users.ts';
import { requirePart } from '../support/require.ts';

const NOBODY = 65_534;

describe('what drill makes in places of others', () => {
  let root: string;
  let victim: string;
  const at = (path: string) => join(root, path);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-private-'));
    victim = at('victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'precious');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is a directory for itself, and never one that was there', () => {
    makeMarkedDirectory(at('new'), 'run-1', 0o700);
    expect(lstatSync(at('new')).mode & 0o777).to.equal(0o700);
    makeMarkedDirectory(at('new'), 'run-1', 0o711); // the run's own, a second time
    expect(lstatSync(at('new')).mode & 0o777).to.equal(0o711);
    mkdirSync(at('empty'));
    symlinkSync(victim, at('link'));
    symlinkSync(at('new'), at('link-to-own'));
    symlinkSync(at('nowhere'), at('dangling'));
    writeFileSync(at('file'), '');
    for (const path of ['empty', 'link', 'link-to-own', 'dangling', 'file']) {
      const make = () => makeMarkedDirectory(at(path), 'run-1', 0o700);
      expect(make, path).to.throw(`EEXIST: ${at(path)} is there already`);
    }
    expect(() => makeMarkedDirectory(at('new'), 'run-2', 0o700)).to.throw('it is not of this run');
    expect(readdirSync(victim)).to.deep.equal(['file']);
    expect(existsSync(at('nowhere'))).to.equal(false);
  });

  it('believes no mark that is a link', () => {
    makeMarkedDirectory(at('mine'), 'run-1', 0o700);
    mkdirSync(at('theirs'));
    symlinkSync(join(at('mine'), '.drill-run'), join(at('theirs'), '.drill-run'));
    writeFileSync(at('a file'), '');
    for (const path of ['theirs', 'a file', 'none']) {
      expect(isMarkedDirectory(at(path)), path).to.equal(false);
    }
    expect(runOfDirectory(at('theirs'))).to.equal(null);
  });

  it('removes what carries its own mark, and nothing else', () => {
    makeMarkedDirectory(at('mine'), 'run-1', 0o700);
    removeMarkedDirectory(at('mine'), 'run-2');
    expect(existsSync(at('mine'))).to.equal(true);
    removeMarkedDirectory(at('mine'), 'run-1');
    expect(existsSync(at('mine'))).to.equal(false);
    symlinkSync(victim, at('link'));
    for (const path of ['victim', 'link', 'none']) removeMarkedDirectory(at(path), 'run-1');
    expect(readFileSync(join(victim, 'file'), 'utf8')).to.equal('precious');
    mkdirSync(at('half-made'));
    removeMarkedDirectory(at('half-made'), 'run-1');
    expect(existsSync(at('half-made'))).to.equal(false);
  });

  it('of somebody else is refused', function () {
    requirePart(this, 'superuser', ownUid() === 0, 'only root can hand files over');
    makeMarkedDirectory(at('theirs'), 'run-1', 0o700);
    chownSync(at('theirs'), NOBODY, NOBODY);
    const make = () => makeMarkedDirectory(at('theirs'), 'run-1', 0o700);
    expect(make).to.throw(`it belongs to uid ${NOBODY}`);
    expect(() => makePrivateDirectory(at('theirs'), null)).to.throw(`belongs to uid ${NOBODY}`);
    makePrivateDirectory(at('theirs'), { uid: NOBODY, gid: NOBODY });
    removeMarkedDirectory(at('theirs'), 'run-1');
    expect(existsSync(at('theirs'))).to.equal(true);
    makePrivateDirectory(at('handed over'), { uid: NOBODY, gid: NOBODY });
    expect(lstatSync(at('handed over'))).to.include({ uid: NOBODY, gid: NOBODY });
  });

  it('replaces a link by the file, and leaves no half of one', () => {
    for (const write of [
      (path: string) => writePrivateFile(path, 'ours', null),
      (path: string) => writeDurably(path, 'ours'),
    ]) {
      symlinkSync(join(victim, 'file'), at('link'));
      symlinkSync(join(victim, 'file'), at('link.half'));
      write(at('link'));
      expect(lstatSync(at('link')).isFile()).to.equal(true);
      expect(readFileSync(at('link'), 'utf8')).to.equal('ours');
      expect(readFileSync(join(victim, 'file'), 'utf8')).to.equal('precious');
      rmSync(at('link'));
      rmSync(at('link.half'), { force: true });
    }
    writePrivateFile(at('secret'), 'ours', null);
    expect(statSync(at('secret')).mode & 0o777).to.equal(0o600);
    mkdirSync(at('in the way'));
    expect(() => writePrivateFile(at('in the way'), '', null)).to.throw('EISDIR');
    expect(readdirSync(root)).to.have.members(['in the way', 'secret', 'victim']);
  });

  it('appends its logs to no link, and waits for no reader of a FIFO', async () => {
    symlinkSync(join(victim, 'file'), at('link'));
    execFileSync('mkfifo', [at('fifo')]);
    const start = (logFile: string) => startDetached('true', [], { env: {}, logFile });
    expect(() => start(at('link'))).to.throw('ELOOP');
    expect(() => start(at('fifo'))).to.throw('ENXIO');
    expect(await exitOf(start(at('log')))).to.include({ code: 0 });
    expect(readFileSync(join(victim, 'file'), 'utf8')).to.equal('precious');
  });

  it('is not put where others could exchange it', () => {
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = root;
    try {
      chmodSync(root, 0o777);
      expect(() => temporaryDirectory()).to.throw('others can write there');
      chmodSync(root, 0o1777);
      expect(temporaryDirectory()).to.equal(root);
    } finally {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
    }
  });
});
