import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkVerb } from '../../../src/cli/verbs/check.ts';
import { initVerb } from '../../../src/cli/verbs/init.ts';
import { call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

describe('drill init', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  it('writes a drill that has no problems, and ends with the next command', async () => {
    const { code, stdout } = await call(initVerb, { directory: '.' }, folder);
    expect(code).to.equal(0);
    expect(stdout.split('\n').slice(-2)).to.deep.equal(['next: drill run first-drill.yaml', '']);
    expect(await call(checkVerb, { files: ['first-drill.yaml'] }, folder)).to.deep.equal({
      code: 0,
      stdout: 'first-drill.yaml: ok\n',
      stderr: '',
    });
  });

  it('makes the folder, and quotes a name that a shell would take apart', async () => {
    const { stdout } = await call(initVerb, { directory: "my team's/drills" }, folder);
    expect(existsSync(join(folder, "my team's/drills/first-drill.yaml"))).to.equal(true);
    expect(stdout).to.contain("next: drill run 'my team'\\''s/drills/first-drill.yaml'");
  });

  it('never overwrites', async () => {
    writeFileSync(join(folder, 'first-drill.yaml'), 'mine');
    const { code, stdout, stderr } = await call(initVerb, { directory: '.' }, folder);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.contain('first-drill.yaml is there already and was left as it is');
    expect(readFileSync(join(folder, 'first-drill.yaml'), 'utf8')).to.equal('mine');
  });

  it('begins with a drill that comes with drill, under its own name', async () => {
    const args = { directory: 'mine', from: 'point-in-time' };
    const { stdout } = await call(initVerb, args, folder);
    expect(stdout).to.contain('next: drill run mine/point-in-time.yaml');
    const shipped = new URL('../../../drills/point-in-time.yaml', import.meta.url);
    const copied = readFileSync(join(folder, 'mine/point-in-time.yaml'), 'utf8');
    const [, ...ours] = readFileSync(shipped, 'utf8').split('#\n');
    expect(copied).to.equal(ours.join('#\n').replace('run drills/', 'run mine/'));
  });

  it('asks for the hosts and the consent of a system that somebody runs', async () => {
    for (const [key, value] of Object.entries({ attached: 'repmgr', from: 'attached/patroni' })) {
      const { code, stdout } = await call(initVerb, { directory: '.', [key]: value }, folder);
      const file = value.replace('attached/', '');
      expect([code, stdout.split('\n')]).to.deep.equal([
        0,
        [
          `wrote ${file}.yaml`,
          `next: put the hosts and commands of your system in, then drill attach ${file}.yaml`,
          '',
        ],
      ]);
    }
  });

  it('names no file that is only beside the drills that come with drill', async () => {
    await call(initVerb, { directory: 'ours', attached: 'two-servers' }, folder);
    const text = readFileSync(join(folder, 'ours/two-servers.yaml'), 'utf8');
    expect(text).not.to.contain('$schema');
    expect(text).to.match(
      /drill check ours\/two-servers.yaml +then read drills\/attached\/README.md of drill\n/,
    );
  });

  it('asks for the paths of a backup', async () => {
    const { code, stdout } = await call(initVerb, { directory: '.', attached: 'backup' }, folder);
    expect(code).to.equal(0);
    const next = 'next: put the paths of your backup in, then drill restore backup.yaml\n';
    expect(stdout).to.equal(`wrote backup.yaml\n${next}`);
  });

  it('explains a folder that is a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await call(initVerb, { directory: 'file' }, folder);
    expect(code).to.equal(2);
    expect(stderr).to.contain('is no folder; expected one for first-drill.yaml');
  });
});
