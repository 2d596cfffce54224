// A place that serves one run after another: its directory and the template stay, copies and
// programs are ready before a run needs them. Whatever has a history is made as new for each run,
// and is gone after it.
import { readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { hostClock } from '../../host/clock.ts';
import { isThere, makePrivateDirectory, removeTree } from '../../host/files.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import {
  areStopped,
  endRunProcesses,
  findRunProcesses,
  killTrees,
  untilGone,
  type ProcessEnvironment,
} from '../../host/process/processes.ts';
import { startProgram, type Program } from '../../host/program/program.ts';
import type { KeptRegions, UpContext } from '../system/system.ts';
import { bringUp, GSLB_MODULE, processesOf, takePlace, type HeldPlace } from './bring-up.ts';
import { APP_MODULE, appNode } from './driver.ts';
import {
  joinProgram,
  logFileOf,
  spawnNode,
  type Processes,
  type ProgramNode,
} from './processes.ts';
import { copyTemplate, siteOf, type ServerKit, type Site } from './servers.ts';
import { deferScrub, scrubDatabase } from './undo.ts';

/** Where the next run's copies of the template wait; no region is called so. */
const WAITING = 'next.d';
/** What a run had goes from here while its result is written; no region is called so either. */
const GOING = 'last.d';
const GSLB = 'gslb';
const GSLB_REST_MS = 2_000;
/** The words of a program that was told nothing. */
const UNTOLD = 'must come first';
/** Copies that wait, and programs, stand in the logs of the place until somebody takes them. */
const SPARE_LOG = 'next-';

/** Everything that it makes stands in the undo log of `owner`. */
export async function holdPlace(
  owner: UpContext,
  environment: Record<string, string>,
): Promise<KeptRegions> {
  const { id, scratch } = owner.place;
  const processes = processesOf(owner, environment);
  let place: Place | null = null;
  const kit = await takePlace(owner, processes, new Map(), async () => {
    await place?.emptied();
    const alive = await endRunProcesses(id, scratch, hostClock());
    if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} do not end`);
  });
  return (place = new Place(kit));
}

/** A program that was started and told nothing; whoever takes it hears what it says. */
interface Spare {
  readonly program: Program;
  readonly logFile: string;
  hasEnded: boolean;
  onEvent: (name: string, body: unknown) => void;
}

class Place implements KeptRegions {
  readonly #kit: ServerKit;
  readonly #owner: UpContext;
  readonly #environment: ProcessEnvironment;
  readonly #spares = new Map<string, Spare>();
  /** By region; each resolves to whether it is whole. */
  readonly #copies = new Map<string, Promise<boolean>>();
  /** Data directories whose shared memory the owner's undo log knows of. */
  readonly #known = new Set<string>();
  /** It checks nothing and knows nothing between runs; null: none is there. */
  #gslb: Spare | null = null;
  /** What could not be removed after a run, once all of it was tried. */
  #left: Promise<readonly string[]> = Promise.resolve([]);

  constructor(kit: ServerKit) {
    this.#kit = kit;
    this.#owner = kit.context;
    this.#environment = kit.processes.environment;
  }

  async up(context: UpContext) {
    const { defer } = this.#owner;
    const place = { ...this.#owner.place, logs: context.place.logs };
    const own: UpContext = { ...context, place, defer };
    for (const { name } of context.plan.regions) {
      const { data } = siteOf(own, name);
      if (this.#known.has(data)) continue;
      await deferScrub(this.#owner, { data, bin: this.#kit.binaries.bin });
      this.#known.add(data);
    }
    const { id: run, scratch: directory } = context.place;
    const held: HeldPlace = {
      kit: this.#kit,
      spawn: (...given) => this.#spawn(...given),
      copy: (kit, site) => this.#copy(kit, site),
      deferEnd: async (end) =>
        await context.defer({ undo: 'processes', run, directory }, async () => {
          await end();
          await this.#restGslb();
          await this.#empty();
        }),
    };
    return await bringUp(own, this.#environment, held);
  }

  /** Nothing of it is removed any more. */
  async emptied(): Promise<void> {
    await this.#left;
  }

  async remains(): Promise<readonly string[]> {
    const { id, scratch } = this.#owner.place;
    const [left] = await Promise.all([this.#left, ...this.#copies.values()]);
    const gslb = this.#gslb === null ? [] : [this.#gslb];
    const spares = [...this.#spares.values(), ...gslb].map(({ program }) => program.pid);
    const processes = findRunProcesses(id, scratch).filter((pid) => !spares.includes(pid));
    return [
      ...left,
      ...(await this.#gslbProblem()),
      ...this.#directories().map((name) => `directory ${name}`),
      ...processes.map((pid) => `process ${pid}`),
    ];
  }

  prepare(plan: Plan): void {
    const { replication, regions, strategy } = plan;
    const { database } = STRATEGY_FACTS[strategy];
    makePrivateDirectory(join(this.#owner.place.scratch, WAITING), null);
    for (const { name, app } of regions) {
      if (name !== replication.from && database === 'none') continue;
      this.#makeCopy(name);
      for (let i = 1; i <= app.instances; i++) this.#makeSpare(appNode(name, i), APP_MODULE);
    }
  }

  #makeCopy(region: string): void {
    if (this.#copies.has(region)) return;
    const directory = this.#waiting(region);
    const site = { ...siteOf(this.#owner, region), directory, data: join(directory, 'data') };
    const made = copyTemplate(this.#kit, site);
    this.#copies.set(
      region,
      made.then(() => true).catch(() => false),
    ); // made once more where needed
  }

  #makeSpare(node: string, module: URL): void {
    if (!this.#spares.has(node)) this.#spares.set(node, this.#start(node, module));
  }

  #start(node: string, module: URL): Spare {
    const logFile = logFileOf(this.#owner.place.logs, `${SPARE_LOG}${node}`);
    const program = startProgram({
      title: node,
      module,
      env: this.#environment,
      logFile,
      onEvent: (name, body) => spare.onEvent(name, body),
    });
    const spare: Spare = { program, logFile, hasEnded: false, onEvent: () => {} };
    void program.exited.then(() => (spare.hasEnded = true));
    return spare;
  }

  /** One that died or stands still meanwhile is nobody's. */
  #spawn: typeof spawnNode = (processes, node, module, onEvent) => {
    if (node === GSLB) return this.#takeGslb(processes, onEvent);
    const spare = this.#spares.get(node);
    this.#spares.delete(node);
    if (spare === undefined || spare.hasEnded || areStopped([spare.program.pid])) {
      if (spare !== undefined) killTrees([spare.program.pid]);
      return spawnNode(processes, node, module, onEvent);
    }
    renameSync(spare.logFile, logFileOf(processes.logs, node));
    if (onEvent !== undefined) spare.onEvent = onEvent;
    return joinProgram(processes, node, spare.program);
  };

  /** It goes on after the run, which does not end it. */
  #takeGslb(processes: Processes, onEvent: Spare['onEvent'] = () => {}): ProgramNode {
    const gslb = (this.#gslb ??= this.#start(GSLB, GSLB_MODULE));
    gslb.onEvent = onEvent;
    return joinProgram({ ...processes, started: [] }, GSLB, gslb.program);
  }

  /** One that does not do it is nobody's any more. */
  async #restGslb(): Promise<void> {
    const gslb = this.#gslb;
    if (gslb === null) return;
    gslb.onEvent = () => {};
    const isAtRest = await gslb.program.request('stop', {}, GSLB_REST_MS).then(
      () => !gslb.hasEnded,
      () => false,
    );
    if (isAtRest) return;
    killTrees([gslb.program.pid]);
    await untilGone([gslb.program.pid], hostClock(), GSLB_REST_MS);
    this.#gslb = null;
  }

  /** It answers, and has nothing to say of any region. */
  async #gslbProblem(): Promise<string[]> {
    if (this.#gslb === null) return [];
    const { program } = this.#gslb;
    if (areStopped([program.pid])) return ['a GSLB that stands still'];
    return await program.request('state', {}, GSLB_REST_MS).then(
      () => ['a GSLB that still checks'],
      (error: unknown) => (reasonOf(error).includes(UNTOLD) ? [] : [reasonOf(error)]),
    );
  }

  async #copy(kit: ServerKit, site: Site): Promise<void> {
    const waiting = this.#copies.get(site.region);
    this.#copies.delete(site.region);
    if ((await waiting) === true) {
      renameSync(this.#waiting(site.region), site.directory);
      return;
    }
    if (waiting !== undefined) removeTree(this.#waiting(site.region));
    await copyTemplate(kit, site);
  }

  #waiting(region: string): string {
    return join(this.#owner.place.scratch, WAITING, region);
  }

  /** Directories of a run, which go with it. */
  #directories(): string[] {
    return readdirSync(this.#owner.place.scratch, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== WAITING)
      .map(({ name }) => name);
  }

  /** Nothing stays of what the run had in shared memory, nor, soon, on the disk. */
  async #empty(): Promise<void> {
    const { scratch, id: run } = this.#owner.place;
    const bin = async () => await Promise.resolve(this.#kit.binaries.bin);
    const names = this.#directories();
    const scrubbed = [...this.#known]
      .filter((data) => names.some((name) => data === join(scratch, name, 'data')))
      .filter(isThere)
      .map((data) => scrubDatabase({ data, run, clock: hostClock(), bin }));
    const going = join(scratch, GOING);
    try {
      const left = (await Promise.all(scrubbed)).flat();
      this.#left = Promise.resolve(left);
      if (left.length > 0) return;
      makePrivateDirectory(going, null);
      for (const name of names) renameSync(join(scratch, name), join(going, name));
      const gone = rm(going, { recursive: true });
      this.#left = gone.then(
        () => [],
        (error: unknown) => [reasonOf(error)],
      );
    } catch (error) {
      this.#left = Promise.resolve([reasonOf(error)]);
    }
  }
}
