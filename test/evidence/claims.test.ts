import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimSystem, lastDrill, liveClaims, noteDrill } from '../../src/evidence/claims.ts';
import { processStarted } from '../../src/host/process/processes.ts';

describe('claims on a system that is up', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-claims-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function plant(name: string, claim: unknown): void {
    mkdirSync(join(directory, 'claims'), { recursive: true });
    writeFileSync(join(directory, 'claims', name), JSON.stringify(claim));
  }

  it('are had by one living process at a time', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    await new Promise((resolve) => other.once('spawn', resolve));
    const owner = { pid: other.pid!, started: processStarted(other.pid!)! };
    plant('other.json', { by: 'run other', owner });
    expect(claimSystem(directory, 'run mine')).to.deep.equal({
      taken: { by: 'run other', owner },
    });
    expect(liveClaims(directory).map(({ by }) => by)).to.deep.equal(['run other']);
    other.kill('SIGKILL');
    await new Promise((resolve) => other.once('exit', resolve));
    const claimed = claimSystem(directory, 'run mine');
    expect(claimed).to.have.property('release');
    expect(liveClaims(directory).map(({ by }) => by)).to.deep.equal(['run mine']);
    if ('release' in claimed) claimed.release();
    expect(liveClaims(directory)).to.deep.equal([]);
  });

  it('of a dead process, of a later one with its id, or half written, count for nothing', () => {
    plant('later.json', { by: 'run before', owner: { pid: process.pid, started: 'long ago' } });
    plant('torn.json', null);
    writeFileSync(join(directory, 'claims', 'half.json'), '{"by": "ru');
    expect(liveClaims(directory)).to.deep.equal([]);
    expect(claimSystem(directory, 'run mine')).to.have.property('release');
  });

  it('leave no file of a refused one behind', () => {
    const owner = { pid: process.ppid, started: processStarted(process.ppid)! };
    plant('parent.json', { by: 'run parent', owner });
    expect(claimSystem(directory, 'run mine')).to.have.property('taken');
    expect(readdirSync(join(directory, 'claims'))).to.deep.equal(['parent.json']);
  });
});

describe('the last drill of a system', () => {
  it('is the newest of another run, or none', () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-drilled-'));
    expect(lastDrill(directory, 'c')).to.equal(null);
    for (const run of ['a', 'b', 'c']) noteDrill(directory, { run, drill: `drill ${run}` });
    expect(lastDrill(directory, 'c')).to.deep.equal({ run: 'b', drill: 'drill b' });
    expect(statSync(join(directory, 'drilled.ndjson')).mode & 0o777).to.equal(0o600);
    rmSync(directory, { recursive: true });
  });
});
