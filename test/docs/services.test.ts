// The files that keep game days going, for systemd and for docker compose: what they start serves,
// and gets the signals that are meant for it.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hostClock } from '../../src/host/clock.ts';
import { freePort } from '../../src/host/ports.ts';
import { it } from '../support/commands.ts';
import { findProgram } from '../support/find-program.ts';
import { requirePart } from '../support/require.ts';
import { composeEnvironment, requireDocker } from '../support/servers/docker.ts';
import { ROOT, Workplace, type RunningDrill } from '../support/whole/drill-cli.ts';

const FOLDER = join(ROOT, 'docs', 'gameday');
const UNIT = readFileSync(join(FOLDER, 'drill-gameday.service'), 'utf8');
const DAY = "gameday: 1\nname: weekly\nschedule: '0 4 * * SUN'\ndrills: [drill.yaml]\n";
const LOOK_EVERY_MS = 100;
const LOOKS_MAX = 600;
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

  it('compose takes the file as it is', function () {
    requireDocker(this);
    copyFileSync(join(FOLDER, 'compose.yaml'), join(work.directory, 'compose.yaml'));
    const { directory: cwd } = work;
    const ended = spawnSync('docker', ['compose', 'config', '-q'], { cwd, encoding: 'utf8' });
    expect([ended.status, ended.stderr]).to.deep.equal([0, '']);
  });

  it('compose serves both, and each ends as it does elsewhere', async function () {
    requireDocker(this);
    const services = new ComposeInTest(work, await freePort());
    try {
      services.up();
      await services.logged('gamedays', 'serving 1 game day: weekly');
      await services.logged('dashboard', 'dashboard: ');
      const page = await fetch(`http://127.0.0.1:${services.port}/gamedays`);
      expect(await page.text()).to.include('04:00 UTC');
      services.compose('kill', '-s', 'HUP', 'gamedays');
      await services.logged('gamedays', 'reloaded');
      services.compose('stop');
      const ended = services.compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}');
      expect(ended.stdout.trim().split('\n').toSorted()).to.deep.equal([
        'dashboard 0',
        'gamedays 0',
      ]);
    } finally {
      services.remove();
    }
  });

  it.full('compose cleans up in a new container what a killed one left', async function () {
    requireDocker(this);
    const services = new ComposeInTest(work, await freePort());
    try {
      services.up({ gamedays: { command: ['gameday', 'run', 'weekly.yaml'], restart: 'no' } });
      const seen = (path: string) => existsSync(path) && readFileSync(path, 'utf8');
      const isUnderWay = () => {
        const [run = ''] = work.runs();
        return String(seen(join(run, 'journal.ndjson'))).includes('"steady.started"');
      };
      for (let look = 0; look < LOOKS_MAX && !isUnderWay(); look++) {
        await hostClock().sleep(LOOK_EVERY_MS);
      }
      expect(isUnderWay()).to.equal(true);
      services.compose('kill', '-s', 'KILL', 'gamedays');
      services.up();
      await services.logged('gamedays', 'was broken off: cleaned up');
    } finally {
      services.remove();
    }
  });
});

/** The services of docs/gameday/compose.yaml; in place of an image of drill: Node, and this build. */
class ComposeInTest {
  readonly #work: Workplace;
  readonly port: number;

  constructor(work: Workplace, port: number) {
    this.#work = work;
    this.port = port;
    copyFileSync(join(FOLDER, 'compose.yaml'), join(work.directory, 'compose.yaml'));
  }

  /** `changes` are settings by the name of a service. */
  up(changes: Readonly<Record<string, object>> = {}): void {
    const { services } = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8')) as Services;
    const built = { entrypoint: ['node', '/drill/bin/drill.js'], volumes: [`${ROOT}:/drill:ro`] };
    const each = Object.keys(services).map((name) => {
      return [name, { ...built, working_dir: '/work', ...changes[name] }];
    });
    this.#work.write(
      'built.yaml',
      JSON.stringify({ services: Object.fromEntries(each) as object }),
    );
    const { status, stderr } = this.compose('up', '-d', '--pull', 'never');
    expect(status, stderr).to.equal(0);
  }

  compose(...args: string[]) {
    const project = `drill-services-${process.pid}`;
    const files = ['-f', 'compose.yaml', '-f', 'built.yaml', '-p', project];
    const { DRILL_IMAGE_NODE, ...others } = composeEnvironment();
    const own = { DRILL_IMAGE: DRILL_IMAGE_NODE!, DRILL_DASHBOARD_PORT: String(this.port) };
    const options = { cwd: this.#work.directory, env: { ...others, ...own } };
    return spawnSync('docker', ['compose', ...files, ...args], { ...options, encoding: 'utf8' });
  }

  async logged(name: string, what: string): Promise<void> {
    let log = '';
    for (let look = 0; look < LOOKS_MAX && !log.includes(what); look++) {
      await hostClock().sleep(LOOK_EVERY_MS);
      log = this.compose('logs', '--no-log-prefix', name).stdout;
    }
    expect(log, name).to.include(what);
  }

  remove(): void {
    this.compose('down', '--volumes', '--timeout', '1');
  }
}

interface Services {
  readonly services: Readonly<Record<string, object>>;
}

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
