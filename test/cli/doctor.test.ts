import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHORT_DRILL } from '../support/drill-cli.ts';
import { recordingScreen } from '../support/recording-screen.ts';
import { runCli } from '../support/run-cli.ts';

interface Report {
  readonly ok: boolean;
  readonly runtime: string;
  readonly checks: readonly { readonly name: string; state: string; needed: boolean }[];
}

describe('drill doctor', function () {
  this.timeout(20_000);
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-doctor-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  async function doctor(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['doctor', ...args], directory, screen, {
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
    });
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  it('lets a missing engine decide nothing where nobody wants containers', async () => {
    const { code, out } = await doctor();
    expect(code, out).to.equal(0);
    expect(out).to.match(/^not needed {2}docker engine .*unix:\/\/\/nonexistent/m);
    expect(out).to.contain('drills can run here (runtime embedded)');
  });

  it('goes by what the file says, and by the flags over it', async () => {
    writeFileSync(join(directory, 'my.yaml'), `${SHORT_DRILL}runtime: compose\n`);
    const compose = await doctor('my.yaml');
    expect(compose.code, compose.out).to.equal(4);
    expect(compose.out).to.match(/^PROBLEM {4,}docker engine /m);
    expect(compose.out).to.contain('this drill cannot run here yet (runtime compose)');
    const embedded = await doctor('my.yaml', '--runtime', 'embedded', '--json');
    expect(embedded.code, embedded.out).to.equal(0);
    const report = JSON.parse(embedded.out) as Report;
    expect(report).to.include({ ok: true, runtime: 'embedded' });
    const engine = report.checks.find(({ name }) => name === 'docker engine');
    expect(engine).to.include({ state: 'problem', needed: false });
  });

  it('takes a drill file with errors for a problem, and shows them', async () => {
    writeFileSync(join(directory, 'my.yaml'), SHORT_DRILL.replace('name:', 'nmae:'));
    const { code, out, err } = await doctor('my.yaml');
    expect(code).to.equal(4);
    expect(out).to.match(/PROBLEM .*drill file .*my\.yaml has errors; fix: drill check my\.yaml/);
    expect(err).to.contain('did you mean');
  });
});
