// The programs of a run (app instances, the GSLB): started with its mark, watched, killed with
// their region.
import { reasonOf } from '../../host/operation-failed.ts';
import { join } from 'node:path';
import type { Emit } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { tailOf } from '../../host/files.ts';
import { untilOtherEnds, type OtherProcess } from '../../host/process/other-process.ts';
import { mayListen, type HttpAddress } from '../../host/http.ts';
import { areStopped, liveTree, type ProcessEnvironment } from '../../host/process/processes.ts';
import { describeExit, startProgram, type Program } from '../../host/program/program.ts';
import type { NodeLook } from '../system/node.ts';

const START_MS = 20_000;
const SHOWN_LINES = 10;

export interface NodeContext {
  readonly environment: ProcessEnvironment;
  readonly logs: string;
  readonly clock: Clock;
  readonly emit: Emit;
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
  { clock, emit }: Pick<NodeContext, 'clock' | 'emit'>,
  node: string,
  process: OtherProcess,
  signal: AbortSignal,
): Watched & { readonly ended: Promise<string> } {
  const ended = untilOtherEnds(process, clock, signal);
  return { ...watch(node, process.pid, ended, emit), ended };
}

export interface ProgramNode extends Watched {
  readonly program: Program;
  /** The request `start`, as a problem of the environment when it fails. Emits `node.started`. */
  begin(settings: unknown): Promise<unknown>;
}

/** Spawns the program at once; it does nothing before `begin`. */
export function spawnNode(
  context: NodeContext,
  node: string,
  module: URL,
  onEvent?: (name: string, body: unknown) => void,
): ProgramNode {
  const { clock, emit } = context;
  const spawned = clock.now();
  const logFile = join(context.logs, `${node.replaceAll('/', '-')}.log`);
  const program = startProgram({
    title: node,
    module,
    env: context.environment,
    logFile,
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const watched = watch(node, program.pid, program.exited.then(describeExit), emit);
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

/** Its processes, and whether anything of the run `run` is behind its port. */
export async function lookAt(
  pids: readonly number[],
  at: HttpAddress,
  run: string,
  timeout_ms: number,
): Promise<NodeLook> {
  const { listens, detail } = await mayListen(at, run, timeout_ms);
  const seen = `${pids.length} processes, port ${at.port} ${detail}`;
  if (pids.length === 0 && !listens) return { state: 'dead', detail: seen };
  return { state: areStopped(pids) ? 'frozen' : 'running', detail: seen };
}
