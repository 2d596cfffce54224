// Drills that are not started: CI finds the reason in the report file that it asked for, and the
// commands that are named can be pasted.
import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';
import { GOOD, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';

const NPX = { npm_command: 'exec' };

describe('a run that is refused', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
    writeFileSync(join(folder, 'bad.yaml'), GOOD.replace('rto: 15s', 'rto: 15'));
  });
  afterEach(() => {
    expect(existsSync(join(folder, '.drill')), 'something was started').to.equal(false);
    removeFolder(folder);
  });

  async function typed(args: readonly string[], environment: Record<string, string> = {}) {
    const screen = recordingScreen();
    const code = await runCli(args, folder, screen, environment);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }
  const xml = () => readFileSync(join(folder, 'drill.xml'), 'utf8');

  it('has its reason in the JUnit file: an error in a drill file', async () => {
    const reporter = ['--reporter', 'plain,junit=drill.xml'];
    const { code, out } = await typed(['run', 'good.yaml', 'bad.yaml', ...reporter]);
    expect([code, out]).to.deep.equal([2, '']);
    expect(xml()).to.match(/<testsuites [^>]*tests="2"[^>]*errors="1"/);
    expect(xml()).to.match(/bad\.yaml:3:17: error: targets\.rto: expected a duration/);
  });

  it('has its reason in the JUnit file: a wrong flag, and a file that is not there', async () => {
    const reporter = ['--reporter', 'junit=drill.xml'];
    expect((await typed(['run', 'good.yaml', '--against', 'none', ...reporter])).code).to.equal(2);
    expect(xml()).to.match(/<testcase classname="good\.yaml"[^>]*>\s*<error message="there are no/);
    expect((await typed(['run', 'missing.yaml', ...reporter])).code).to.equal(2);
    expect(xml()).to.include('classname="missing.yaml"');
  });

  it('says as JSON what was refused and why, and no result', async () => {
    const { code, out } = await typed(['run', 'bad.yaml', 'good.yaml', '--json']);
    const said = JSON.parse(out) as { refused: { file: string; reasons: string[] }[] };
    expect([code, Object.keys(said)]).to.deep.equal([2, ['schema', 'refused']]);
    expect(said.refused.map(({ file, reasons }) => [file, reasons.length > 0])).to.deep.equal([
      ['bad.yaml', true],
      ['good.yaml', false],
    ]);
  });
});

describe('a command that is printed after npx', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  async function typed(...args: readonly string[]) {
    const screen = recordingScreen({ columns: 200 });
    await runCli(args, folder, screen, NPX);
    return screen.stdout.text() + screen.stderr.text();
  }

  it('begins with npx: next steps, hints, guesses, help and examples', async () => {
    expect(await typed('init')).to.include('next: npx drill run first-drill.yaml\n');
    expect(await typed('init')).to.include('run it with: npx drill run first-drill.yaml\n');
    expect(await typed('show')).to.include('try: npx drill run drills/region-outage.yaml');
    expect(await typed('my.yaml')).to.include('try: npx drill run my.yaml');
    expect(await typed('run', '--repoter')).to.include('try: npx drill run --help');
    expect(await typed('check', 'none.yaml')).to.include('`npx drill init` writes');
    for (const text of [
      await typed('--help'),
      await typed('run', '--help'),
      await typed('up', '-h'),
    ]) {
      expect(text).to.match(/^ +npx drill (run|up) drills\/region-outage\.yaml( |$)/m);
      expect(text).not.to.match(/^ *drill (run|up|init|down)\b/m);
    }
  });
});
