import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsWithScratch } from '../../src/engine/begin/scratch.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { temporaryDirectory } from '../../src/host/temporary.ts';
import { findUser } from '../../src/host/users.ts';

describe('the temporary directory', () => {
  const usual = process.env['TMPDIR'];
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'drill-temporary-'))));
  afterEach(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(root, { recursive: true, force: true });
  });

  const complaint = (path: string, other = findUser('none')) => {
    process.env['TMPDIR'] = path;
    try {
      return temporaryDirectory(other);
    } catch (error) {
      expect(error).to.be.instanceOf(EnvironmentError);
      const { what, found, hint } = (error as EnvironmentError).problem;
      expect(what).to.contain(`TMPDIR=${path}`);
      expect(hint).to.contain('TMPDIR=/tmp drill');
      return found;
    }
  };

  it('is what TMPDIR names, where that can be used', () => {
    expect(complaint(root)).to.equal(root);
    expect(complaint('some/where')).to.equal('a relative one');
    expect(complaint(join(root, 'none'))).to.contain('ENOENT');
    writeFileSync(join(root, 'file'), '');
    expect(complaint(join(root, 'file'))).to.equal('no directory');
  });

  it('holds no runs where it is not there', () => {
    process.env['TMPDIR'] = join(root, 'none');
    expect(runsWithScratch()).to.deep.equal([]);
  });

  it('must be open to the user that PostgreSQL runs as', function () {
    const nobody = findUser('nobody');
    if (process.getuid?.() !== 0 || nobody === null) return; // only root runs it as somebody else
    mkdirSync(join(root, 'closed', 'deep'), { recursive: true });
    chmodSync(root, 0o711);
    chmodSync(join(root, 'closed'), 0o700);
    const deep = join(root, 'closed', 'deep');
    expect(complaint(deep, nobody)).to.equal(`${join(root, 'closed')} is closed to it`);
    chmodSync(join(root, 'closed'), 0o711);
    expect(complaint(deep, nobody)).to.equal(deep);
  });
});

describe('a user who is in no user database and has no home', () => {
  it('is still told the facts of the machine', function () {
    if (process.getuid?.() !== 0) return; // only root can become one
    const module = new URL('../../dist/host/platform.js', import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then((m) => console.log(m.platform().home))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      ...{ uid: 54_321, gid: 54_321, env: {}, encoding: 'utf8' },
    });
    expect(stdout, stderr).to.equal('null\n');
  });
});
