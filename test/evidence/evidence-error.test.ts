// Why a file of a run tells nothing: it is not there or damaged, which is a fact about the run, or
// it cannot be read here, which is one about who looks.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  EvidenceError,
  openToRead,
  readingError,
  readWhole,
  UnreadableError,
} from '../../src/evidence/evidence-error.ts';

const failed = (code: string, message = `${code}: it went wrong`) =>
  Object.assign(new Error(message), { code });

describe('what the operating system says of a file of evidence', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-evidence-error-'));
    file = join(folder, 'ledger.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is that the evidence is gone where there is no such file, or no such folder', () => {
    for (const error of [failed('ENOENT'), failed('ENOTDIR'), new Error('no header')]) {
      const told = readingError('ledger.bin', error);
      expect(told).to.not.be.instanceOf(UnreadableError);
      expect([told.name, told.message]).to.deep.equal([
        'EvidenceError',
        `ledger.bin cannot be read: ${error.message}`,
      ]);
    }
  });

  it('is that nothing is known of it where somebody else may read it', () => {
    writeFileSync(file, '', { mode: 0o40 });
    const { uid } = statSync(file);
    for (const code of ['EACCES', 'EPERM']) {
      const told = readingError(file, failed(code));
      expect(told).to.be.instanceOf(UnreadableError);
      expect([told.name, told.message]).to.deep.equal([
        'UnreadableError',
        `${file} cannot be read: it belongs to another user (uid ${uid}, mode 0040)`,
      ]);
    }
    const hidden = readingError(join(folder, 'none'), failed('EACCES'));
    expect(hidden).to.be.instanceOf(UnreadableError);
    expect(hidden.message).to.contain(': it lies in a directory that this user may not enter');
  });

  it('is in its own words where there are no better ones', () => {
    const told = readingError('ledger.bin', failed('EMFILE', 'EMFILE: too many open files'));
    expect(told).to.be.instanceOf(UnreadableError);
    expect(told.message).to.equal('ledger.bin cannot be read: EMFILE: too many open files');
  });

  it('is an error of the disk where reading fails, and nothing stays open', () => {
    const broken = '/proc/self/mem'; // opens, and has nothing at its beginning: EIO
    const before = readdirSync('/proc/self/fd').length;
    const words = `${broken} cannot be read: the disk reports an error (EIO)`;
    for (let time = 0; time < 3; time++) {
      expect(() => readWhole(broken)).to.throw(UnreadableError, words);
    }
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
  });

  it('is not asked twice: what is no file is not waited for, and not read', () => {
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const before = readdirSync('/proc/self/fd').length;
    for (const name of ['folder', 'pipe']) {
      const words = `${join(folder, name)} cannot be read: it is no file`;
      expect(() => openToRead(join(folder, name))).to.throw(UnreadableError, words);
    }
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
  });

  it('is nothing where all is well', () => {
    const before = readdirSync('/proc/self/fd').length;
    writeFileSync(file, 'all of it');
    expect(readWhole(file).toString()).to.equal('all of it');
    expect(readdirSync('/proc/self/fd')).to.have.lengthOf(before);
    expect(() => readWhole(join(folder, 'none'))).to.throw(EvidenceError, 'ENOENT');
  });
});
