import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockHolders, takeLock } from '../../src/host/lock.ts';
import { ownProcess, processNamespace } from '../../src/host/process/processes.ts';

describe('a lock', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-lock-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function plant(owner: object): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'other.json'), JSON.stringify({ by: 'run other', owner }));
  }

  it('is had once, also within one process, and again after it was given back', () => {
    const first = takeLock(folder, 'series a');
    expect(takeLock(folder, 'series b')).to.have.nested.property('taken.by', 'series a');
    expect(readdirSync(folder), 'no file of the refused one').to.have.length(1);
    if ('release' in first) first.release();
    expect(takeLock(folder, 'series b')).to.have.property('release');
  });

  it('is taken in no folder that a link leads to, and nothing is written there', () => {
    const elsewhere = `${folder}-elsewhere`;
    mkdirSync(elsewhere);
    rmSync(folder, { recursive: true });
    symlinkSync(elsewhere, folder);
    try {
      expect(() => takeLock(folder, 'mine')).to.throw('expected a folder');
      expect([readdirSync(elsewhere), lockHolders(folder)]).to.deep.equal([[], []]);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('waits for no FIFO, and takes what is no holder for none', () => {
    execFileSync('mkfifo', [join(folder, 'other.json')]);
    writeFileSync(join(folder, 'half.json'), '{"by":"run x","owner":{"pid":1}}');
    expect(lockHolders(folder)).to.deep.equal([]);
    expect(takeLock(folder, 'mine')).to.have.property('release');
  });

  it('of a process of an earlier boot is nobody’s', () => {
    const { pid, started } = ownProcess();
    plant({ pid, started: started.replace(/^[^:]*/, 'earlier0') });
    expect(lockHolders(folder)).to.deep.equal([]);
    expect(takeLock(folder, 'mine')).to.have.property('release');
    expect(readdirSync(folder), 'no file of the dead one').to.have.length(1);
  });

  it('of another container is had where nobody can see whether its process lives', function () {
    const { started } = ownProcess();
    if (!started.includes(':')) this.skip();
    plant({ pid: 1, started, namespace: 'pid:[1]' });
    // The outermost namespace sees all processes of the machine.
    const seesAll = processNamespace().namespace === 'pid:[4026531836]';
    const taken = takeLock(folder, 'mine');
    if (seesAll) expect(taken).to.have.property('release');
    else expect(taken).to.have.nested.property('taken.by', 'run other');
  });

  it('of another container of an earlier boot is nobody’s', () => {
    plant({ pid: 1, started: 'earlier0:5', namespace: 'pid:[1]' });
    expect(takeLock(folder, 'mine')).to.have.property('release');
  });
});
