import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

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

  async function doctorIn(environment: Record<string, string>, ...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['doctor', ...args], directory, screen, {
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
      ...environment,
    });
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  const doctor = (...args: readonly string[]) => doctorIn({}, ...args);
  const config = (text: string) => writeFileSync(join(directory, 'drill.config.yaml'), text);

  it('lets a missing engine decide nothing where nobody wants containers', async () => {
    const { code, out } = await doctor();
    expect(code, out).to.equal(0);
    expect(out).to.match(/^not needed {2}docker engine .*unix:\/\/\/nonexistent/m);
    const warned = out.match(/^warning /gm)?.length ?? 0;
    const warnings = warned === 0 ? '' : `, with ${warned} warning${warned === 1 ? '' : 's'}`;
    expect(out).to.contain(`drills can run here (runtime embedded)${warnings}\n`);
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

  it('goes without a file by the flag, the variable and the configuration, as a run', async () => {
    const flag = await doctor('--runtime', 'compose');
    expect(flag.code, flag.out).to.equal(4);
    expect(flag.out).to.contain('drills cannot run here yet (runtime compose)');
    const variable = await doctorIn({ DRILL_RUNTIME: 'compose' });
    expect(variable.out).to.contain('(runtime compose)');
    config('runtime: compose\ndefaults: { topology: { redis: {} } }\n');
    expect((await doctor()).out).to.contain('(runtime compose)');
    const { runtime, checks } = JSON.parse(
      (await doctorIn({ DRILL_RUNTIME: 'compose' }, '--runtime=auto', '--json')).out,
    ) as Report;
    expect(runtime).to.equal('embedded');
    expect(checks.find(({ name }) => name === 'Redis')).to.include({ needed: true });
  });

  it('looks for the images that the configuration names', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('{}'));
    const socket = join(directory, 'docker.sock');
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    config('compose: { images: { node: "mine:1" } }\n');
    const { out } = await doctorIn({ DOCKER_HOST: `unix://${socket}` }).finally(() =>
      server.close(),
    );
    expect(out).to.match(/ images .*mine:1.* not here yet/);
  });

  it('refuses what no run would take, and says whose it is', async () => {
    const refused = async (source: string, ended: ReturnType<typeof doctor>) => {
      const { code, out, err } = await ended;
      expect([code, out], source).to.deep.equal([2, '']);
      expect(err).to.match(/expected .*compose.*; did you mean/);
      expect(err.split(source), source).to.have.length(2);
    };
    writeFileSync(join(directory, 'my.yaml'), SHORT_DRILL);
    await refused('--runtime: error', doctor('--runtime', 'compsoe'));
    await refused('--runtime: error', doctor('my.yaml', '--runtime', 'compsoe'));
    await refused('DRILL_RUNTIME: error', doctorIn({ DRILL_RUNTIME: 'compsoe' }));
    config('runtime: compsoe\n');
    await refused('drill.config.yaml:1:10: error', doctor());
  });

  it('refuses --set without a file to set something in', async () => {
    const { code, out, err } = await doctor('--set', 'nonsense=1');
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.contain('no file is named').and.to.contain('drill doctor FILE --set');
  });

  it('does not complain of variables for what only a file has', async () => {
    const { code, err } = await doctorIn({
      DRILL_TOPOLOGY_REGIONS_PARIS_APP_INSTANCES: '3',
      DRILL_FAULTS_0_AT: '1s',
    });
    // Whoever else works on this machine may have left something.
    const own = err.replace(/^.*: drill clean --orphans lists .*\n/m, '');
    expect([code, own]).to.deep.equal([0, '']);
    expect((await doctorIn({ DRILL_RUNTMIE: 'compose' })).err).to.contain('DRILL_RUNTIME');
  });

  it('refuses compose files that are not there, where containers are wanted', async () => {
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'docker'), '', { mode: 0o755 });
    config('runtime: compose\ncompose: { files: [none.yaml] }\n');
    const { code, err } = await doctorIn({ PATH: bin });
    expect(code).to.equal(2);
    expect(err).to.contain('none.yaml: there is no such compose file');
  });
});
