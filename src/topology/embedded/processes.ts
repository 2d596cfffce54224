// The processes of a run (servers, app instances, the GSLB): started with its mark, watched, looked
// at, ended together.
import { join } from 'node:path';
import type { Emit, NodeUsage } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { diskBytes } from '../../host/disk-usage.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { tailOf } from '../../host/files.ts';
import { mayListen } from '../../host/http.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import { untilOtherEnds, type OtherProcess } from '../../host/process/other-process.ts';
import {
  areStopped,
  killTrees,
  liveTree,
  usageOf,
  type ProcessEnvironment,
} from '../../host/process/processes.ts';
import { describeExit } from '../../host/process/detached.ts';
import { startProgram, type Program } from '../../host/program/program.ts';
import type { Address, Node } from '../assembled/region.ts';

const START_MS = 20_000;
const SHOWN_LINES = 10;

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
  /** Ends a server in an orderly way; false where it had to be killed. */
  stop(): Promise<boolean>;
  /** Asks a program to outlive the runner. */
  stay(): Promise<unknown>;
  /** Lets the runner end without it. */
  release(): void;
}

/** The differences between a server and a program, where its pid alone does not tell. */
interface Kind {
  readonly pids?: () => number[];
  readonly orphans?: () => number[];
  readonly stop?: () => Promise<unknown>;
  readonly stay?: () => Promise<unknown>;
  readonly release?: () => void;
}

/** A watched process as a node of a region, at an address. */
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
    look: (timeout_ms) => lookAt(pids(), { host, port }, run, timeout_ms),
    // Backends can outlive the postmaster, and still answer their clients.
    roots: () => [...(watched.isAlive() ? [watched.pid] : []), ...(kind.orphans?.() ?? [])],
    stop: async () => (await kind.stop?.()) === true,
    stay: async () => await kind.stay?.(),
    release: () => kind.release?.(),
  };
}

export interface ProgramNode extends Watched {
  readonly program: Program;
  /** The request `start`, as a problem of the environment when it fails. Emits `node.started`. */
  begin(settings: unknown): Promise<unknown>;
}

/** Spawns the program at once; it does nothing before `begin`. */
export function spawnNode(
  processes: Processes,
  node: string,
  module: URL,
  onEvent?: (name: string, body: unknown) => void,
): ProgramNode {
  const { clock, emit } = processes;
  const spawned = clock.now();
  const logFile = join(processes.logs, `${node.replaceAll('/', '-')}.log`);
  const program = startProgram({
    title: node,
    module,
    env: processes.environment,
    logFile,
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const watched = watch(node, program.pid, program.exited.then(describeExit), emit);
  processes.started.push(watched);
  return {
    ...watched,
    program,
    begin: async (settings) => {
      try {
        const reply = await program.request('start', settings, START_MS);
        emit('node.started', { node, pid: program.pid, ms: clock.now() - spawned });
        return reply;
      } catch (error) {
        throw new EnvironmentError(
          {
            what: node,
            expected: 'the program to start',
            found: reasonOf(error),
            hint: `read its log: ${logFile}`,
            log: tailOf(logFile, SHOWN_LINES),
          },
          { cause: error },
        );
      }
    },
  };
}

/** The processes of a node, and whether anything of the run `run` is behind its port. */
async function lookAt(
  pids: readonly number[],
  at: Address,
  run: string,
  timeout_ms: number,
): Promise<Awaited<ReturnType<Node['look']>>> {
  const { listens, detail } = await mayListen(at, run, timeout_ms);
  const seen = `${pids.length} processes, port ${at.port} ${detail}`;
  if (pids.length === 0 && !listens) return { state: 'dead', detail: seen };
  return { state: areStopped(pids) ? 'frozen' : 'running', detail: seen };
}

/** Ends everything that was started, and has `ends` done. */
export async function endAll({ started, ends }: Processes): Promise<void> {
  for (const node of started) node.expectEnd();
  killTrees(started.flatMap((node) => (node.isAlive() ? [node.pid] : [])));
  await Promise.allSettled(ends.map((end) => end()));
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
