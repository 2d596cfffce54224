import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkVerb } from '../../../src/cli/verbs/check.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { GOOD, call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

describe('drill check', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  const check = (...files: string[]) => call(checkVerb, { files }, folder);

  it('says ok on stdout for a good file', async () => {
    expect(await check('good.yaml')).to.deep.equal({
      code: 0,
      stdout: 'good.yaml: ok\n',
      stderr: '',
    });
  });

  it('shows place, source line and caret of a problem, and exits 2', async () => {
    writeFileSync(join(folder, 'bad.yaml'), GOOD.replace('15s', '15'));
    const { code, stdout, stderr } = await check('bad.yaml', 'good.yaml');
    expect(code).to.equal(2);
    expect(stdout).to.equal('good.yaml: ok\n');
    expect(stderr.split('\n')).to.deep.equal([
      'bad.yaml:3:17: error: targets.rto: expected a duration such as 250ms, 2.5s, 5m or 1h, got the number 15; did you mean 15s?',
      '  3 | targets: { rto: 15, rpo: 1s }',
      '    |                 ^^',
      '1 error; nothing was started',
      '',
    ]);
  });

  it('puts warnings on stderr and still says ok', async () => {
    writeFileSync(join(folder, 'zero.yaml'), GOOD.replace('1s', '0s'));
    const { code, stdout, stderr } = await check('zero.yaml');
    expect([code, stdout]).to.deep.equal([0, 'zero.yaml: ok, with 1 warning\n']);
    expect(stderr).to.match(/^zero.yaml:3:27: warning: targets.rpo: zero loss/);
  });

  it('prints everything as JSON on request', async () => {
    writeFileSync(join(folder, 'bad.yaml'), GOOD.replace('1s', '1'));
    const { code, stdout } = await call(
      checkVerb,
      { files: ['good.yaml', 'bad.yaml'], format: 'json' },
      folder,
    );
    const report = JSON.parse(stdout) as { files: { ok: boolean; diagnostics: unknown[] }[] };
    expect(code).to.equal(2);
    expect(report.files.map(({ ok }) => ok)).to.deep.equal([true, false]);
    expect(report.files[1]!.diagnostics[0]).to.deep.include({
      severity: 'error',
      path: 'targets.rpo',
      place: {
        file: 'bad.yaml',
        line: 3,
        column: 27,
        length: 1,
        text: 'targets: { rto: 15s, rpo: 1 }',
      },
    });
  });

  it('says of a game day, in one sentence, what it is and what holds it', async () => {
    writeFileSync(join(folder, 'day.yaml'), 'gameday: 1\nname: weekly\ndrills: [one]\n');
    const { code, stderr } = await check('day.yaml');
    expect(code).to.equal(2);
    expect(stderr.split('\n')[0]).to.equal(
      'day.yaml:1:1: error: gameday: this is a game day, and no drill; try ' +
        '`drill gameday run day.yaml`',
    );
    expect(stderr).to.include('1 error; nothing was started');
  });

  it('calls a consent a consent', async () => {
    writeFileSync(join(folder, 'b-consent.yaml'), 'schema: drill.consent/1\ndrill: b\n');
    const { code, stderr, stdout } = await call(checkVerb, { files: ['b-consent.yaml'] }, folder);
    expect(code).to.equal(2);
    expect(stdout + stderr)
      .to.contain('this is a consent, and no drill;')
      .and.to.contain('1 error');
  });

  it('checks every drill file of a folder, and ends with the worst', async () => {
    const sub = join(folder, 'sub');
    mkdirSync(sub);
    const none = await check('sub').catch((error: Error) => error);
    expect(none).to.be.instanceOf(UserError);
    writeFileSync(join(sub, 'b.yaml'), GOOD);
    writeFileSync(join(sub, 'a.yml'), GOOD);
    writeFileSync(join(sub, 'notes.txt'), 'x');
    const good = await check('sub');
    expect(good).to.include({ code: 0, stdout: 'sub/a.yml: ok\nsub/b.yaml: ok\n' });
    writeFileSync(join(sub, 'b.yaml'), 'drill: 2\n');
    const bad = await check('sub', 'good.yaml');
    expect(bad).to.include({ code: 2, stdout: 'sub/a.yml: ok\ngood.yaml: ok\n' });
    expect(bad.stderr).to.include('sub/b.yaml:1:8: error: drill: expected 1');
  });

  it('explains a file that is missing, a pipe, or too large', async () => {
    writeFileSync(join(folder, 'large.yaml'), 'x'.repeat(1_048_577));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { code, stderr } = await check('none.yaml', 'pipe', 'large.yaml', 'good.yaml/x');
    expect(code).to.equal(2);
    expect(stderr.split('\n').filter((line) => line.includes('error:'))).to.deep.equal([
      'none.yaml: error: there is no such file; `drill init` writes a drill file to begin with',
      'pipe: error: this is no ordinary file; expected a YAML file',
      'large.yaml: error: the file has 1048577 bytes; at most 1048576 (1 MiB) are read',
      'good.yaml/x: error: there is no such file; `drill init` writes a drill file to begin with',
    ]);
    const near = await check('region-outag');
    expect(near.stderr).to.include(
      'region-outag: error: there is no such file; did you mean region-outage?',
    );
  });

  it('explains a file that this user may not read', async function () {
    const { chmodSync } = await import('node:fs');
    chmodSync(join(folder, 'good.yaml'), 0);
    // The administrator may read it all the same.
    const { code, stderr } = await check('good.yaml');
    if (code !== 0) expect(stderr).to.contain('good.yaml: error: this user may not read the file');
    else expect(process.getuid?.()).to.equal(0);
  });

  it('reads drill.config.yaml of the current folder, the environment and --set', async () => {
    writeFileSync(join(folder, 'drill.config.yaml'), 'defaults: { steady: { fore: 5s } }\n');
    const args = { files: ['good.yaml'], set: ['targets.rtoo=5s'] };
    const { code, stderr } = await call(checkVerb, args, folder, { DRILL_TARGETS_RPO: '5' });
    expect(code).to.equal(2);
    expect(stderr).to.contain(
      'drill.config.yaml:1:23: error: steady.fore: unknown key; did you mean for?',
    );
    expect(stderr).to.contain('--set targets.rtoo: error: unknown key; did you mean rto?');
    expect(stderr).to.contain('DRILL_TARGETS_RPO: error: targets.rpo: expected a duration');
  });
});
