// The files that keep game days going, for systemd and for docker compose: what they start serves,
// and gets the signals that are meant for it.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hostClock } from '../../src/host/clock.ts';
import { freePort } from '../../src/host/ports.ts';
import { findProgram } from '../support/find-program.ts';
import { requirePart } from '../support/require.ts';
import { composeEnvironment, requireDocker } from '../support/servers/docker.ts';
import { ROOT, Workplace, type RunningDrill } from '../support/whole/drill-cli.ts';

const FOLDER = join(ROOT, 'docs', 'gameday');
const UNIT = readFileSync(join(FOLDER, 'drill-gameday.service'), 'utf8');
const DAY = "gameday: 1\nname: weekly\nschedule: '0 4 * * SUN'\ndrills: [drill.yaml]\n";
const LOOK_EVERY_MS = 100;
const LOOKS_MAX = 200;
const PLACE = '/srv/drills';

describe('the services of game days', function () {
  this.timeout(120_000);
  let work: Workplace;
  beforeEach(() => {
    work = new Workplace();
    work.write('weekly.yaml', DAY);
  });
  afterEach(() => work.remove());

  /** As `npm ci` leaves it where drill is a dependency. */
  function install(): void {
    const bin = join(work.directory, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(join(ROOT, 'bin', 'drill.js'), join(bin, 'drill'));
  }

  const settingOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(UNIT)![1]!;

  it('systemd starts drill itself, which reloads and ends by the signals of the unit', async () => {
    install();
    const [program, ...args] = settingOf('ExecStart').split(' ');
    const own = program!.replace(PLACE, work.directory);
    const service = work.startProgram(own, args);
    await said(service, 'serving 1 game day: weekly');
    const signal = /^\/bin\/kill -(\w+) \$MAINPID$/.exec(settingOf('ExecReload'))![1]!;
    service.child.kill(`SIG${signal}` as NodeJS.Signals);
    await said(service, 'reloaded');
    service.child.kill('SIGTERM');
    const { code, stdout } = await service.ended;
    expect(code).to.equal(0);
    expect(stdout).to.include('goes on with the next service');
  });

  it('systemd takes the unit', function () {
    const analyze = findProgram('systemd-analyze');
    requirePart(this, 'systemd', analyze !== null, 'there is no systemd-analyze on PATH');
    install();
    const own = UNIT.replaceAll(PLACE, work.directory).replace(
      'User=drill',
      `User=${userInfo().username}`,
    );
    const file = work.write('drill-gameday.service', own);
    const ended = spawnSync(analyze!, ['verify', '--recursive-errors=no', file], {
      encoding: 'utf8',
    });
    const about = ended.stderr.split('\n').filter((line) => line.includes('drill-gameday'));
    expect([ended.status, about]).to.deep.equal([0, []]);
  });

  it('compose serves both, and each ends as it does elsewhere', async function () {
    requireDocker(this);
    copyFileSync(join(FOLDER, 'compose.yaml'), join(work.directory, 'compose.yaml'));
    const services = Object.keys(
      (parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8')) as { services: object }).services,
    );
    // In place of an image of drill: Node, and the build of these tests.
    const built = { entrypoint: ['node', '/drill/bin/drill.js'], volumes: [`${ROOT}:/drill:ro`] };
    const each = Object.fromEntries(
      services.map((name) => [name, { ...built, working_dir: '/work' }]),
    );
    work.write('built.yaml', JSON.stringify({ services: each }));
    const port = await freePort();
    const project = `drill-services-${process.pid}`;
    const compose = (...args: string[]) => {
      const files = ['-f', 'compose.yaml', '-f', 'built.yaml', '-p', project];
      const { DRILL_IMAGE_NODE, ...environment } = composeEnvironment();
      const env = {
        ...environment,
        DRILL_IMAGE: DRILL_IMAGE_NODE,
        DRILL_DASHBOARD_PORT: `${port}`,
      };
      const cwd = work.directory;
      return spawnSync('docker', ['compose', ...files, ...args], { cwd, env, encoding: 'utf8' });
    };
    const alone = spawnSync('docker', ['compose', 'config', '--quiet'], {
      cwd: work.directory,
      encoding: 'utf8',
    });
    expect([alone.status, alone.stderr]).to.deep.equal([0, '']);
    try {
      const up = compose('up', '-d', '--pull', 'never');
      expect(up.status, up.stderr).to.equal(0);
      const logged = async (name: string, what: string) => {
        let log = '';
        for (let look = 0; look < LOOKS_MAX && !log.includes(what); look++) {
          await hostClock().sleep(LOOK_EVERY_MS);
          log = compose('logs', '--no-log-prefix', name).stdout;
        }
        expect(log, name).to.include(what);
      };
      await logged('gamedays', 'serving 1 game day: weekly');
      await logged('dashboard', 'dashboard: ');
      const page = await fetch(`http://127.0.0.1:${port}/gamedays`);
      expect(await page.text()).to.include('04:00 UTC');
      compose('kill', '-s', 'HUP', 'gamedays');
      await logged('gamedays', 'reloaded');
      compose('stop');
      const ended = compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}').stdout;
      expect(ended.trim().split('\n').toSorted()).to.deep.equal(['dashboard 0', 'gamedays 0']);
    } finally {
      compose('down', '--volumes', '--timeout', '1');
    }
  });
});

async function said({ child, ended }: RunningDrill, what: string): Promise<void> {
  let text = '';
  const isSaid = new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(what)) resolve();
    });
  });
  const isOver = ended.then(({ stderr }) => {
    throw new Error(`it ended without "${what}": ${stderr}`);
  });
  isOver.catch(() => {}); // it ends later anyway
  await Promise.race([isSaid, isOver]);
}
