// One container of a run: what it is, how it is reached, and what can be done to it, each seen to
// have happened.
import { OperationFailed, unlessFailed } from '../../../host/operation-failed.ts';
import type Docker from 'dockerode';
import { until, type Clock } from '../../../host/clock.ts';
import type { NodeUsage } from '../../../evidence/event.ts';
import type { MemoryLook, NodeLook } from '../../system/region.ts';
import { countedIn, memoryIn, type CountedByEngine } from './counted.ts';
import { burstOf, shareIn } from './burst.ts';
import { EngineError, unlessMissing, type Engine } from './engine.ts';
import { HELPER_LABEL, NODE_LABEL, ofRun, RUN_LABEL, SERVICE_LABEL } from './labels.ts';
import { linesOf } from './logs.ts';

export type ContainerFacts = Docker.ContainerInspectInfo;

/** 409: "is not running", "is already paused"; 404: no such container. Looked at afterwards. */
const UNCHANGED = [404, 409];
const CHANGED_AT_MOST_MS = 5_000;
const STOP_AT_MOST_S = 10;
const LOOK_EVERY_MS = 2;
const LOOK_AT_MOST_MS = 5_000;
const LOOK_AT_LEAST_MS = 3_000;
const BLOCK_BYTES = 1024;

/** Billionths of a processor; bytes of memory, and of memory with what of it is on a disk. */
export type Limits = Partial<Record<'NanoCpus' | 'Memory' | 'MemorySwap', number>>;

export interface SaidLine {
  /** On the wall clock. */
  readonly wall_ms: number;
  readonly text: string;
}

export class Container {
  /** `east/postgres`, `toxiproxy` */
  readonly node: string;
  /** Its name in the compose file: `east-postgres`. */
  readonly service: string;
  readonly #engine: Engine;
  /** One that is gone tells what it was. */
  facts: ContainerFacts;
  /** Its end is somebody's doing. */
  isEndExpected = false;
  /** Nothing of it and of its volume is at the engine any more, and nothing is in its place yet. */
  isDestroyed = false;
  /** The engine's own event says that it has ended. */
  tellDeath: () => void = () => {};

  constructor(engine: Engine, facts: ContainerFacts) {
    const { Labels } = facts.Config;
    this.#engine = engine;
    this.facts = facts;
    this.service = Labels[SERVICE_LABEL] ?? '';
    this.node = Labels[NODE_LABEL] ?? this.service;
  }

  get id(): string {
    return this.facts.Id;
  }

  /** `made` is in its place from now on. */
  become(made: Container): void {
    this.facts = made.facts;
    this.isDestroyed = false;
    this.isEndExpected = false;
  }

  /** The port of this machine's loopback behind which `inside` is; 0 when it is not published. */
  port(inside: number, protocol: 'tcp' | 'udp' = 'tcp'): number {
    const bindings = this.facts.NetworkSettings.Ports[`${inside}/${protocol}`];
    return Number(bindings?.[0]?.HostPort ?? 0);
  }

  /** Its address on the project's network of that name. */
  addressOn(network: string): string {
    const found = Object.entries(this.facts.NetworkSettings.Networks);
    return found.find(([name]) => name.endsWith(`_${network}`))?.[1].IPAddress ?? '';
  }

  /** The volume that it writes to. */
  get #volume() {
    return this.facts.Mounts.find(({ Type, RW }) => (Type as string) === 'volume' && RW);
  }

  /** The name of the volume that a database's container writes to. */
  get dataVolume(): string {
    return this.#volumeOfData.Name ?? '';
  }

  /** Where that is in it. */
  get dataPath(): string {
    return this.#volumeOfData.Destination;
  }

  get #volumeOfData() {
    if (this.#volume?.Name !== undefined) return this.#volume;
    throw new OperationFailed({ what: this.facts.Name, expected: 'a volume', found: 'none' });
  }

  /** The processes of a container are the engine's own. */
  pids(): number[] {
    return [];
  }

  async life(): Promise<string | null> {
    const state = await this.#state(LOOK_AT_MOST_MS);
    return state?.Running === true ? state.StartedAt : null;
  }

  /** What a burst of work in it gets. */
  async processorShare(within_ms: number): Promise<number> {
    return shareIn(await this.run(burstOf(within_ms)), within_ms);
  }

  /** One call to the engine; rejects with an `EngineError`. */
  call<T>(
    asked: string,
    work: (own: Docker.Container) => Promise<T>,
    atMost_ms?: number,
  ): Promise<T> {
    return this.#engine.call(asked, (docker) => work(docker.getContainer(this.id)), atMost_ms);
  }

  /** The engine is asked, which is slow to answer while it is busy with the container. */
  async look(timeout_ms = LOOK_AT_MOST_MS): Promise<NodeLook> {
    const state = await this.#state(Math.max(timeout_ms, LOOK_AT_LEAST_MS));
    if (state === undefined) return { state: 'dead', detail: 'the engine has no such container' };
    const { Status, Paused, Running, Pid, ExitCode, FinishedAt } = state;
    if (Paused) return { state: 'frozen', detail: `${Status}, process ${Pid}` };
    if (Running) return { state: 'running', detail: `${Status}, process ${Pid}` };
    return { state: 'dead', detail: `${Status} with ${ExitCode} at ${FinishedAt}` };
  }

  /**
   * SIGKILL, and until it is seen dead; a paused one too. The engine tells of the death at once,
   * and answers questions about the container only after it has put its things away. An earlier
   * death says nothing: somebody may have started it again.
   */
  async kill(clock: Clock): Promise<void> {
    this.isEndExpected = true;
    const died = new Promise<void>((resolve) => (this.tellDeath = resolve));
    const killing = this.#change('kill', (own) => own.kill({ signal: 'SIGKILL' })).then(() =>
      this.#until('dead', clock),
    );
    killing.catch(() => {}); // where the death was told first
    await Promise.race([killing, died]);
  }

  /** Its own way to end, and no other: a fast stop that writes everything down, for PostgreSQL. */
  async stop(): Promise<void> {
    this.isEndExpected = true;
    const atMost_ms = (STOP_AT_MOST_S + 5) * 1_000;
    await this.call(`stop ${this.node}`, (own) => own.stop({ t: STOP_AT_MOST_S }), atMost_ms);
    const state = await this.#state(LOOK_AT_MOST_MS);
    if (state?.ExitCode === 0) return;
    const found = `exit code ${state?.ExitCode ?? '?'}`;
    throw new OperationFailed({ what: this.node, expected: 'it to end by itself', found });
  }

  /** One that has ended runs again, as it was. */
  async start(): Promise<void> {
    await this.call(`start ${this.node} again`, (own) => own.start() as Promise<unknown>);
    this.isEndExpected = false;
  }

  /** Removes it by force, dead or alive; its volumes stay. Nothing happens where there is none. */
  async remove(): Promise<void> {
    const asked = `remove the container of ${this.node}`;
    await unlessMissing(this.call(asked, (own) => own.remove({ force: true, v: false })));
  }

  /** The output of a command in it; rejects where that fails. */
  async run(command: readonly string[]): Promise<string> {
    const asked = `run ${command[0]} in ${this.node}`;
    const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
    const { code, said } = await this.call(asked, async (own) => {
      const exec = await own.exec(options);
      const chunks: Buffer[] = [];
      for await (const chunk of await exec.start({})) chunks.push(chunk as Buffer);
      const { ExitCode } = await exec.inspect();
      return { code: ExitCode, said: linesOf(Buffer.concat(chunks)).join('\n') };
    });
    // Only now: whatever fails inside of a call is taken for an engine that is gone.
    if (code === 0) return said;
    const found = `exit code ${code}: ${said}`;
    throw new OperationFailed({ what: `docker: ${asked}`, expected: 'exit code 0', found });
  }

  /** Its output so far, a line each: the last `tail` of them, or all. */
  said(tail?: number): Promise<string[]> {
    return this.#logs(tail === undefined ? {} : { tail });
  }

  /** All of its output, with the times that the engine took the lines at. */
  async saidWhen(): Promise<SaidLine[]> {
    return (await this.#logs({ timestamps: true })).map((line) => {
      const at = line.indexOf(' ');
      return { wall_ms: Date.parse(line.slice(0, at)), text: line.slice(at + 1) };
    });
  }

  async #logs(wanted: Docker.ContainerLogsOptions): Promise<string[]> {
    const options = { ...wanted, follow: false, stdout: true, stderr: true } as const;
    return linesOf(await this.call(`logs of ${this.node}`, (own) => own.logs(options)));
  }

  /** One sample of the engine's own counters; null when it does not run. */
  async usage(): Promise<NodeUsage | null> {
    const counted = countedIn(await this.#stats());
    if (counted === null) return null;
    return { node: this.node, ...counted, disk_bytes: await this.#diskBytes() };
  }

  /** What it holds of memory and may have; null when it does not run. */
  async memory(): Promise<MemoryLook['used']> {
    return memoryIn(await this.#stats());
  }

  async #stats(): Promise<CountedByEngine | null> {
    if ((await this.look()).state === 'dead') return null;
    const options = { stream: false, 'one-shot': true } as const;
    const asked = this.call(`stats of ${this.node}`, (own) => own.stats(options));
    return await unlessMissing<CountedByEngine>(asked);
  }

  /**
   * The engine tells nothing of a volume short of measuring all volumes there are. Without one
   * nothing of it is on a disk: its root is read-only. Null where it cannot be said.
   */
  async #diskBytes(): Promise<number | null> {
    if (this.#volume === undefined) return 0;
    // What a server removes meanwhile does not matter.
    const measure = `du -sk ${this.#volume.Destination} 2>/dev/null || :`;
    const said = (await unlessFailed(this.run(['sh', '-c', measure]))) ?? '';
    const blocks = /^(\d+)\s/.exec(said)?.[1];
    return blocks === undefined ? null : Number(blocks) * BLOCK_BYTES;
  }

  async pause(clock: Clock): Promise<void> {
    await this.#change('pause', (own) => own.pause());
    await this.#until('frozen', clock);
  }

  /** Nothing happens where it is not paused. */
  async unpause(): Promise<void> {
    const { state } = await this.look();
    if (state === 'frozen') await this.#change('unpause', (own) => own.unpause());
  }

  /** To so much of what the engine can limit. */
  async limit(to: Limits): Promise<void> {
    await this.call(`limit ${this.node}`, (own) => own.update(to));
  }

  async #until(wanted: NodeLook['state'], clock: Clock): Promise<void> {
    const deadline_ms = clock.now() + CHANGED_AT_MOST_MS;
    let found = '';
    const isSo = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
      const { state, detail } = await this.look();
      found = detail;
      return state === wanted ? true : null;
    });
    if (isSo !== null) return;
    throw new OperationFailed({ what: this.node, expected: `it ${wanted}`, found });
  }

  async #change(doing: string, work: (own: Docker.Container) => Promise<unknown>): Promise<void> {
    await this.call(`${doing} ${this.node}`, work).catch((error: unknown) => {
      const status = error instanceof EngineError ? error.status : null;
      if (status === null || !UNCHANGED.includes(status)) throw error;
    });
  }

  async #state(timeout_ms: number): Promise<ContainerFacts['State'] | undefined> {
    const asking = this.call(`inspect ${this.node}`, (own) => own.inspect(), timeout_ms);
    return (await unlessMissing(asking))?.State;
  }
}

/** Every container that carries the run's label, dead ones too. */
export async function containersOf(engine: Engine, run: string): Promise<Container[]> {
  const filters = ofRun(run);
  const listed = await engine.call('list containers', (docker) =>
    docker.listContainers({ all: true, filters }),
  );
  const own = listed.filter(
    ({ Labels }) => Labels[RUN_LABEL] === run && Labels[HELPER_LABEL] === undefined,
  );
  return await Promise.all(own.map(({ Id }) => inspectContainer(engine, Id)));
}

export async function inspectContainer(engine: Engine, id: string): Promise<Container> {
  const facts = await engine.call(`inspect ${id.slice(0, 12)}`, (docker) =>
    docker.getContainer(id).inspect(),
  );
  return new Container(engine, facts);
}
