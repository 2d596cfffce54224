// One container of a run: what it is, how it is reached, and what can be done to it, each seen to
// have happened.
import { OperationFailed, unlessFailed } from '../../../host/operation-failed.ts';
import type Docker from 'dockerode';
import { until, type Clock } from '../../../host/clock.ts';
import type { NodeUsage } from '../../../evidence/event.ts';
import type { NodeLook } from '../../system/region.ts';
import { EngineError, type Engine } from './engine.ts';
import { HELPER_LABEL, NODE_LABEL, ofRun, RUN_LABEL, SERVICE_LABEL } from './labels.ts';
import { linesOf } from './logs.ts';

export type ContainerFacts = Docker.ContainerInspectInfo;

const NOT_FOUND = 404;
/** "is not running", "is already paused": looked at afterwards. */
const CONFLICT = 409;
const CHANGED_AT_MOST_MS = 5_000;
const STOP_AT_MOST_S = 10;
const LOOK_EVERY_MS = 2;
const LOOK_AT_MOST_MS = 5_000;
const LOOK_AT_LEAST_MS = 3_000;
const BLOCK_BYTES = 1024;

export class Container {
  readonly id: string;
  /** `east/postgres`, `toxiproxy` */
  readonly node: string;
  /** Its name in the compose file: `east-postgres`. */
  readonly service: string;
  readonly facts: ContainerFacts;
  readonly #engine: Engine;
  #isEndExpected = false;
  /** The engine's own event says that it has ended. */
  tellDeath: () => void = () => {};

  constructor(engine: Engine, facts: ContainerFacts) {
    const { Labels } = facts.Config;
    this.#engine = engine;
    this.facts = facts;
    this.id = facts.Id;
    this.service = Labels[SERVICE_LABEL] ?? '';
    this.node = Labels[NODE_LABEL] ?? this.service;
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

  /** A container is a node of a region; its processes are the engine's own. */
  get container(): Container {
    return this;
  }

  pids(): number[] {
    return [];
  }

  get isEndExpected(): boolean {
    return this.#isEndExpected;
  }

  expectEnd(): void {
    this.#isEndExpected = true;
  }

  /** Its end is nobody's doing again, from now on. */
  expectLife(): void {
    this.#isEndExpected = false;
  }

  /** The engine is asked, which is slow to answer while it is busy with the container. */
  async look(timeout_ms: number): Promise<NodeLook> {
    const state = await this.#state(Math.max(timeout_ms, LOOK_AT_LEAST_MS));
    if (state === null) return { state: 'dead', detail: 'the engine has no such container' };
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
    this.expectEnd();
    const died = new Promise<void>((resolve) => (this.tellDeath = resolve));
    const killing = (async () => {
      await this.#act('kill', (docker) => docker.getContainer(this.id).kill({ signal: 'SIGKILL' }));
      await this.#until('dead', clock);
    })();
    killing.catch(() => {}); // where the death was told first
    await Promise.race([killing, died]);
  }

  /** Its own way to end, and no other: a fast stop that writes everything down, for PostgreSQL. */
  async stop(): Promise<void> {
    this.expectEnd();
    const atMost_ms = (STOP_AT_MOST_S + 5) * 1_000;
    await this.#engine.call(
      `stop ${this.node}`,
      (docker) => docker.getContainer(this.id).stop({ t: STOP_AT_MOST_S }),
      atMost_ms,
    );
    const state = await this.#state(LOOK_AT_MOST_MS);
    if (state?.ExitCode === 0) return;
    const found = `exit code ${state?.ExitCode ?? '?'}`;
    throw new OperationFailed({ what: this.node, expected: 'it to end by itself', found });
  }

  /** One that has ended runs again, as it was. */
  async start(): Promise<void> {
    await this.#engine.call(
      `start ${this.node} again`,
      (docker) => docker.getContainer(this.id).start() as Promise<unknown>,
    );
    this.#isEndExpected = false;
  }

  /** The output of a command in it; rejects where that fails. */
  async run(command: readonly string[]): Promise<string> {
    const asked = `run ${command[0]} in ${this.node}`;
    const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
    const { code, said } = await this.#engine.call(asked, async (docker) => {
      const exec = await docker.getContainer(this.id).exec(options);
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

  /** One sample of the engine's own counters; null when it does not run. */
  async usage(): Promise<NodeUsage | null> {
    if ((await this.look(LOOK_AT_MOST_MS)).state === 'dead') return null;
    const options = { stream: false, 'one-shot': true } as const;
    const { cpu_stats, memory_stats } = await this.#engine.call(`stats of ${this.node}`, (docker) =>
      docker.getContainer(this.id).stats(options),
    );
    // Files cached for it make room when somebody needs the memory; `docker stats` does the same.
    // The second name is that of cgroups 1.
    const counters: Readonly<Record<string, number | undefined>> = { ...memory_stats.stats };
    const cached = counters['total_inactive_file'] ?? counters['inactive_file'] ?? 0;
    const memory_bytes = (memory_stats.usage ?? 0) - cached;
    const cpu_ms = cpu_stats.cpu_usage.total_usage / 1e6;
    return { node: this.node, cpu_ms, memory_bytes, disk_bytes: await this.#diskBytes() };
  }

  /**
   * The engine tells nothing of a volume short of measuring all volumes there are. Without one
   * nothing of it is on a disk: its root is read-only. Null where it cannot be said.
   */
  async #diskBytes(): Promise<number | null> {
    const volume = this.facts.Mounts.find(({ Type, RW }) => (Type as string) === 'volume' && RW);
    if (volume === undefined) return 0;
    // What a server removes meanwhile does not matter.
    const measure = `du -sk ${volume.Destination} 2>/dev/null || :`;
    const said = (await unlessFailed(this.run(['sh', '-c', measure]))) ?? '';
    const blocks = /^(\d+)\s/.exec(said)?.[1];
    return blocks === undefined ? null : Number(blocks) * BLOCK_BYTES;
  }

  async pause(clock: Clock): Promise<void> {
    await this.#act('pause', (docker) => docker.getContainer(this.id).pause());
    await this.#until('frozen', clock);
  }

  /** Nothing happens where it is not paused. */
  async unpause(): Promise<void> {
    const { state } = await this.look(LOOK_AT_MOST_MS);
    if (state !== 'frozen') return;
    await this.#act('unpause', (docker) => docker.getContainer(this.id).unpause());
  }

  async #until(wanted: NodeLook['state'], clock: Clock): Promise<void> {
    const deadline_ms = clock.now() + CHANGED_AT_MOST_MS;
    let found = '';
    const isSo = await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
      const { state, detail } = await this.look(LOOK_AT_MOST_MS);
      found = detail;
      return state === wanted ? true : null;
    });
    if (isSo !== null) return;
    throw new OperationFailed({ what: this.node, expected: `it ${wanted}`, found });
  }

  async #act(doing: string, work: (docker: Docker) => Promise<unknown>): Promise<void> {
    try {
      await this.#engine.call(`${doing} ${this.node}`, work);
    } catch (error) {
      const status = error instanceof EngineError ? error.status : null;
      if (status !== CONFLICT && status !== NOT_FOUND) throw error;
    }
  }

  async #state(timeout_ms: number): Promise<ContainerFacts['State'] | null> {
    try {
      const asked = `inspect ${this.node}`;
      const work = (docker: Docker) => docker.getContainer(this.id).inspect();
      return (await this.#engine.call(asked, work, timeout_ms)).State;
    } catch (error) {
      if (error instanceof EngineError && error.status === NOT_FOUND) return null;
      throw error;
    }
  }
}

/** Lets go on what a killed runner has paused; resolves to what could not be, in words. */
export async function unpause(engine: Engine, ids: readonly string[]): Promise<string[]> {
  const problems = ids.map(async (id) => {
    try {
      await (await inspectContainer(engine, id)).unpause();
      return [];
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return error.status === NOT_FOUND ? [] : [error.message];
    }
  });
  return (await Promise.all(problems)).flat();
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
