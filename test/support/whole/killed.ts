// Runners that are killed in the middle of a drill on a system that is up: it is brought up before
// the tests of a suite, and afterwards nothing of it may be left.
import { expect } from 'chai';
import type { Context } from 'mocha';
import { basename } from 'node:path';
import { readKeptSystem } from '../../../src/topology/kept-system.ts';
import type { EmbeddedParts } from '../../../src/topology/embedded/keep.ts';
import { atEngine, composeEnvironment, requireDocker } from '../servers/docker.ts';
import { sharedMemoryOf, stillThere } from '../system/shared-memory-of.ts';
import { SHORT_DRILL, Workplace } from './drill-cli.ts';

const ATTEMPTS = 3;

/** A disaster that is far away, before which other faults come. */
export const LATER = '{ at: 60s, kind: lose-region, region: east, how: freeze }';

/**
 * A drill with little load, patient health checks and a late declaration: what is tested is not how
 * fast it is, and no fence may end what the fault left before the runner is killed.
 */
function calmDrill(faults: string): string {
  return SHORT_DRILL.replace(/(?<=faults:\n {2}- ).*/, () => faults)
    .replace('every: 100ms, timeout: 200ms', 'every: 500ms, timeout: 2s')
    .replace('rate: 100/s, writers: 8', 'rate: 20/s, writers: 4')
    .replace('timeout: 500ms', 'timeout: 5s')
    .concat('declare: after 10s\n');
}

interface Options {
  readonly runtime?: 'embedded' | 'compose';
  /** Ends the suite where the machine lacks a part. */
  readonly needs?: (context: Context) => void;
  /** Of the drill file. */
  readonly topology?: string;
  /** Of the drill that brings it up, and of each where a test says nothing else. */
  readonly faults?: string;
}

export class SystemUp {
  readonly #options: Options;
  readonly #env: Record<string, string>;
  /** All the shared memory that its servers had. */
  readonly #held = new Set<string>();
  #place: Workplace | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#env = options.runtime === 'compose' ? composeEnvironment() : {};
  }

  get place(): Workplace {
    return this.#place!;
  }

  get directory(): string {
    return this.place.runs()[0]!;
  }

  /** What it is made of by now, where it is made of processes. */
  get parts(): EmbeddedParts {
    return readKeptSystem(this.directory).parts as EmbeddedParts;
  }

  async up(context: Context): Promise<void> {
    const { runtime = 'embedded', needs } = this.#options;
    if (runtime === 'compose') requireDocker(context);
    needs?.(context);
    this.#place = new Workplace(this.#drill(this.#faults));
    const up = await this.place.run(['up', 'drill.yaml', '--runtime', runtime], this.#env);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
    this.#hold();
  }

  async down(): Promise<void> {
    if (this.#place === null) return;
    const { place } = this;
    await place.run(['clean'], this.#env);
    this.#hold();
    await place.run(['down', '--all'], this.#env);
    const isCompose = this.#options.runtime === 'compose';
    const atDocker = isCompose ? place.runs().flatMap((run) => atEngine(basename(run))) : [];
    const left = [...place.leftBehind(), ...stillThere([...this.#held]), ...atDocker];
    place.remove();
    expect(left).to.deep.equal([]);
  }

  /**
   * Starts a drill with these faults, and kills its runner so long after it says the event; once
   * more where a busy machine kept it from getting there. `change` makes another drill file of it.
   */
  async kill(
    event: string,
    faults = this.#faults,
    change: (drill: string) => string = (drill) => drill,
    after_ms = 0,
  ): Promise<void> {
    this.place.write('killed.yaml', change(this.#drill(faults)));
    for (let attempt = 1; ; attempt++) {
      const args = ['run', 'killed.yaml', '--against', 'latest', '--reporter', 'plain'];
      const running = this.place.start(args, this.#env);
      try {
        await running.event(event, (each) => each.event === event);
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, after_ms));
      running.child.kill('SIGKILL');
      await running.ended;
      this.#hold();
      return;
    }
  }

  async clean(): Promise<void> {
    const { code, stdout, stderr } = await this.place.run(['clean'], this.#env);
    expect(code, stdout + stderr).to.equal(0);
    this.#hold();
  }

  get #faults(): string {
    return this.#options.faults ?? LATER;
  }

  #drill(faults: string): string {
    const { topology = '', runtime = 'embedded' } = this.#options;
    const drill = calmDrill(faults).replace('topology:\n', () => `topology:\n${topology}`);
    return `${drill}runtime: ${runtime}\n`;
  }

  #hold(): void {
    for (const each of sharedMemoryOf(this.place.processes())) this.#held.add(each);
  }
}

/** Up before the tests of the suite around it, and down after them. */
export function systemUp(options: Options = {}): SystemUp {
  const system = new SystemUp(options);
  before(async function () {
    await system.up(this);
  });
  after(async () => {
    await system.down();
  });
  return system;
}
