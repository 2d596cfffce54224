// Runs on containers that end badly: killed half-way, or with the engine gone. Nothing may stay, and
// what cannot be removed is named.
import { expect } from 'chai';
import { existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { openEngine } from '../../../src/topology/compose/engine/engine.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { atEngine, composeEnvironment, requireDocker } from '../../support/servers/docker.ts';
import { it } from '../../support/commands.ts';

const clock = hostClock();
const RUN = ['run', 'drill.yaml', '--runtime', 'compose', '--reporter', 'plain'];

/** A socket in front of the engine's own, which can go away and come back. */
class EngineDoor {
  readonly path: string;
  readonly #engine = openEngine(composeEnvironment()).address.url.replace('unix://', '');
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ path: this.#engine, allowHalfOpen: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => this.#sockets.delete(from));
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.path, { force: true });
  }
}

describe('a run on containers that ends badly', function () {
  this.timeout(180_000);
  let place: Workplace;
  before(function () {
    requireDocker(this);
  });
  beforeEach(() => (place = new Workplace()));
  afterEach(async () => {
    const runs = place.runs().map((run) => basename(run));
    const left = [...runs.flatMap(atEngine), ...place.leftBehind()];
    if (left.length > 0) {
      // Of a test that failed. A log may name an engine at a door that is closed for good.
      rmSync(join(place.directory, '.drill', 'runs'), { recursive: true });
      for (const run of runs) {
        await place.run(['clean', '--orphans', run, '--yes'], composeEnvironment());
      }
    }
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('is cleaned after SIGKILL while compose was still creating', async () => {
    const drill = place.start(RUN, composeEnvironment());
    await drill.event('the phase "up"', ({ event }) => event === 'phase.started');
    const run = basename(place.runs()[0]!);
    while (atEngine(run).length < 3) await clock.sleep(20);
    drill.child.kill('SIGKILL');
    await drill.ended;
    const cleaned = await place.run(['clean'], composeEnvironment());
    expect(cleaned.stdout).to.contain(`${run}: cleaned`);
    expect(cleaned.code).to.equal(0);
    await clock.sleep(1_500); // what the engine was still making would have appeared
    expect(atEngine(run)).to.deep.equal([]);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  it.full('is found by its marks once its folder is gone, and another system stays', async () => {
    const env = composeEnvironment();
    const up = async () => {
      const { code, stdout, stderr } = await place.run(
        ['up', 'drill.yaml', '--runtime', 'compose'],
        env,
      );
      expect(code, stdout + stderr).to.equal(0);
      return place.runs().at(-1)!;
    };
    const lost = basename(await up());
    const living = basename(await up());
    const clean = async (...words: readonly string[]) => await place.run(['clean', ...words], env);
    try {
      const [things, others] = [atEngine(lost), atEngine(living)];
      expect(things).to.not.deep.equal([]);
      rmSync(join(place.directory, '.drill', 'runs', lost), { recursive: true });
      const listed = await clean('--orphans');
      expect(listed.code).to.equal(5);
      expect(listed.stdout).to.contain(`${lost}\n`).and.to.contain(' is gone\n');
      for (const thing of things) expect(listed.stdout).to.contain(`  ${thing}\n`);
      expect(listed.stdout).not.to.contain(living);
      expect(atEngine(lost), 'a list removes nothing').to.deep.equal(things);
      const removed = await clean('--orphans', lost, '--yes');
      expect(removed.code, removed.stdout + removed.stderr).to.equal(0);
      expect(removed.stdout).to.contain(`${lost}: removed`);
      expect(atEngine(lost)).to.deep.equal([]);
      expect(existsSync(join(tmpdir(), `drill-${lost}`)), 'its scratch directory').to.equal(false);
      expect(atEngine(living), 'containers of a living run').to.deep.equal(others);
      expect((await clean('--orphans')).stdout).not.to.contain(lost);
    } finally {
      // Its folder is gone: what follows each test would not find it.
      await clean('--orphans', lost, '--yes');
      await place.run(['down', '--all'], env);
    }
    expect([lost, living].flatMap(atEngine)).to.deep.equal([]);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  it.full('is cleaned by Ctrl-C in the middle', async () => {
    const drill = place.start(RUN, composeEnvironment());
    await drill.event('the steady state', ({ event }) => event === 'steady.started');
    drill.child.kill('SIGINT');
    const { code } = await drill.ended;
    expect(code).to.equal(130);
    expect(place.result().cleanup).to.deep.equal({ clean: true, left: [] });
  });

  const MOMENTS = {
    'while all is well': 'steady.started',
    'in the middle of the recovery': 'recovery.started',
  } as const;
  for (const [moment, name] of Object.entries(MOMENTS)) {
    it.full(
      `names an engine that goes away ${moment}, and is cleaned when it is back`,
      async () => {
        await goesAway(name);
      },
    );
  }

  async function goesAway(moment: RunEvent['event']): Promise<void> {
    const door = new EngineDoor(join(place.directory, 'engine.sock'));
    await door.open();
    const environment = { ...composeEnvironment(), DOCKER_HOST: `unix://${door.path}` };
    try {
      const drill = place.start(RUN, environment);
      await drill.event(moment, ({ event }) => event === moment);
      door.close();
      const { code, stdout } = await drill.ended;
      const run = basename(place.runs()[0]!);
      const result = place.result();
      expect(result.verdict, stdout).to.equal('environment');
      expect(code).to.equal(4);
      expect(result.reasons.join()).to.contain('the docker engine');
      expect(result.cleanup?.clean).to.equal(false);
      expect(result.cleanup?.left.join()).to.contain(`containers of run ${run}`);
      const early = await place.run(['clean'], environment);
      expect(early.code).to.equal(5);
      expect(early.stdout).to.contain(`expected it to answer at unix://${door.path}`);
      expect(atEngine(run)).to.not.deep.equal([]);
      await door.open();
      const late = await place.run(['clean'], environment);
      expect(late.code, late.stdout).to.equal(0);
      expect(atEngine(run)).to.deep.equal([]);
    } finally {
      door.close();
    }
  }
});
