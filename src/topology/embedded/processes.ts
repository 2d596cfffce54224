// The processes of a run (servers, app instances, the GSLB): started with its mark, watched, looked
// at, ended together.
import { join } from 'node:path';
import type { Emit, NodeUsage } from '../../evidence/event.ts';
import { hostClock, type Clock } from '../../host/clock.ts';
import { diskBytes } from '../../host/disk.ts';
import { linesAtEnd } from '../../host/machine/last-words.ts';
import { mayListen } from '../../host/http.ts';
import { orProblem } from '../../host/operation-failed.ts';
import type { Address } from '../../host/ports.ts';
import {
  untilOtherEnds,
  type OtherProcess,
  areStopped,
  killTrees,
  liveTree,
  processStarted,
  sendSignal,
  untilGone,
  usageOf,
  type ProcessEnvironment,
} from '../../host/process/processes.ts';
import { describeExit } from '../../host/process/detached.ts';
import { startProgram, type Program } from '../../host/program/program.ts';
import type { Node } from '../assembled/region.ts';

const START_MS = 20_000;
const END_MS = 5_000;
const SHARE_POLL_MS = 3;

/** The surroundings of a system's processes. */
export interface Processes {
  readonly environment: ProcessEnvironment;
  readonly logs: string;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The run that made the system, which its app answers for. */
  readonly run: string;
  /** Programs and Redis servers that this runner has started: nothing is lost where they end. */
  readonly started: Watched[];
  /** Further work at the end of this runner. */
  readonly ends: (() => unknown)[];
}

/** Something that runs, and whose end is reported: as expected once `expectEnd` was called. */
export interface Watched {
  readonly node: string;
  readonly pid: number;
  isAlive(): boolean;
  pids(): number[];
  expectEnd(): void;
}

/** Watches a process until it ends; `ended` resolves to how. */
export function watch(node: string, pid: number, ended: Promise<string>, emit: Emit): Watched {
  let isExpected = false;
  let hasEnded = false;
  void ended.then((reason) => {
    hasEnded = true;
    emit('node.ended', { node, reason, expected: isExpected });
  });
  return {
    node,
    pid,
    isAlive: () => !hasEnded,
    pids: () => (hasEnded ? [] : liveTree(pid)),
    expectEnd: () => (isExpected = true),
  };
}

/** A process of a system that another runner brought up; watched until `signal` aborts. */
export function watchOther(
  { clock, emit }: Pick<Processes, 'clock' | 'emit'>,
  node: string,
  process: OtherProcess,
  signal: AbortSignal,
): Watched & { readonly ended: Promise<string> } {
  const ended = untilOtherEnds(process, clock, signal);
  return { ...watch(node, process.pid, ended, emit), ended };
}

/** A process that belongs to a region. */
export interface ProcessNode extends Watched, Node {
  pids(): number[];
  /** Receivers of signals: its first process, and those that outlive a server's first one. */
  roots(): number[];
  /** Ends it in an orderly way; false where it had to be killed. */
  stop(): Promise<boolean>;
  /** Asks a program to outlive the runner. */
  stay(): Promise<unknown>;
  /** Lets the runner end without it. */
  release(): void;
}

/** The differences between a server and a program, where its pid alone does not tell. */
interface Kind extends Partial<Pick<ProcessNode, 'pids' | 'stay' | 'release'>> {
  readonly stop?: () => Promise<unknown>;
  readonly orphans?: () => number[];
}

/** A watched process as a node of a region, at an address; `run` is what its app answers for. */
export function nodeAt(
  watched: Watched,
  { host, port }: Address,
  run: string,
  kind: Kind = {},
): ProcessNode {
  const pids = kind.pids ?? (() => watched.pids());
  return {
    ...watched,
    pids,
    look: async (timeout_ms) => {
      const now = pids();
      const { listens, detail: heard } = await mayListen({ host, port }, run, timeout_ms);
      const detail = `${now.length} processes, port ${port} ${heard}`;
      if (now.length === 0 && !listens) return { state: 'dead', detail };
      return { state: areStopped(now) ? 'frozen' : 'running', detail };
    },
    life: () => {
      const [pid] = pids();
      return Promise.resolve(pid === undefined ? null : `${pid}, ${processStarted(pid)}`);
    },
    processorShare: async (within_ms) => await runningShare(pids, within_ms),
    // Backends can outlive the postmaster, and still answer their clients.
    roots: () => [...(watched.isAlive() ? [watched.pid] : []), ...(kind.orphans?.() ?? [])],
    stop: async () => (await kind.stop?.()) === true,
    stay: async () => await kind.stay?.(),
    release: () => kind.release?.(),
  };
}

/** The share of looks at which not all of it stood still. */
async function runningShare(pids: () => readonly number[], within_ms: number): Promise<number> {
  const clock = hostClock();
  const until_ms = clock.now() + within_ms;
  let [looks, running] = [0, 0];
  while (clock.now() < until_ms) {
    looks += 1;
    if (!areStopped(pids())) running += 1;
    await clock.sleep(SHARE_POLL_MS);
  }
  return running / looks;
}

/** Asks a program to end; false where it does not. */
export async function endProgram({ pid }: Pick<Watched, 'pid'>, clock: Clock): Promise<boolean> {
  sendSignal(pid, 'SIGTERM');
  return (await untilGone([pid], clock, END_MS)).length === 0;
}

export interface ProgramNode extends Watched {
  readonly program: Program;
  /** The request `start`, as a problem of the environment when it fails. Emits `node.started`. */
  begin(settings: unknown): Promise<unknown>;
}

type OnEvent = (name: string, body: unknown) => void;

/** Spawns the program at once; it does nothing before `begin`. */
export function spawnNode(
  processes: Processes,
  node: string,
  module: URL,
  onEvent?: OnEvent,
): ProgramNode {
  const { environment: env, logs } = processes;
  const logFile = logFileOf(logs, node);
  const said = onEvent === undefined ? {} : { onEvent };
  const program = startProgram({ title: node, module, env, logFile, ...said });
  return joinProgram(processes, node, program);
}

export function logFileOf(logs: string, node: string): string {
  return join(logs, `${node.replaceAll('/', '-')}.log`);
}

/** The program is one of the run's processes from now on. */
export function joinProgram(processes: Processes, node: string, program: Program): ProgramNode {
  const { clock, emit, logs } = processes;
  const joined = clock.now();
  const logFile = logFileOf(logs, node);
  const watched = watch(node, program.pid, program.exited.then(describeExit), emit);
  processes.started.push(watched);
  return {
    ...watched,
    program,
    begin: async (settings) => {
      const reply = await orProblem(program.request('start', settings, START_MS), () => ({
        what: node,
        expected: 'the program to start',
        hint: `read its log: ${logFile}`,
        log: linesAtEnd(logFile),
      }));
      emit('node.started', { node, pid: program.pid, ms: clock.now() - joined });
      return reply;
    },
  };
}

/** Ends everything that was started, and has `ends` done; resolves to the killed. */
export async function endAll({ started, ends }: Processes): Promise<readonly number[]> {
  for (const node of started) node.expectEnd();
  const killed = killTrees(started.flatMap((node) => (node.isAlive() ? [node.pid] : [])));
  await Promise.allSettled(ends.map((end) => end()));
  return killed;
}

/** A dead node is left out; `directories` is where nodes keep their data, by node. */
export async function usageOfNodes(
  nodes: readonly Pick<Watched, 'node' | 'pids'>[],
  directories: ReadonlyMap<string, string>,
): Promise<NodeUsage[]> {
  const living = nodes
    .map((node) => ({ node: node.node, pids: node.pids() }))
    .filter(({ pids }) => pids.length > 0);
  const used = living.map(async ({ node, pids }): Promise<NodeUsage> => {
    const directory = directories.get(node);
    const disk_bytes = directory === undefined ? 0 : await diskBytes(directory);
    return { node, ...usageOf(pids), disk_bytes };
  });
  return await Promise.all(used);
}
