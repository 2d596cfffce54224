// Starts the clients of one store for a run: a program of their own. Tests have theirs in their own
// process, on a clock of their own.
import type { Clock } from '../host/clock.ts';
import { killTrees, untilGone } from '../host/process/processes.ts';
import { startProgram, type Program } from '../host/program/program.ts';
import type { WorkloadNoted, WorkloadSampled } from './protocol.ts';

const GONE_AT_MOST_MS = 2_000;

/** Requests and replies are those of `workload/protocol.ts`. */
export interface Clients extends Pick<Program, 'pid' | 'exited' | 'request'> {
  /** Ends them, whatever state they are in. Rejects when they do not end. */
  end(): Promise<void>;
}

export interface ClientsOptions {
  /** `workload`, or `workload-redis` */
  readonly node: string;
  readonly environment: Record<string, string>;
  readonly logFile: string;
  readonly clock: Clock;
  readonly onSample: (sample: WorkloadSampled) => void;
  /** Hears of what nobody would see otherwise. */
  readonly onNote: (note: WorkloadNoted) => void;
}

export type StartClients = (options: ClientsOptions) => Clients;

export const startWorkload: StartClients = (options) => {
  const { node, environment, logFile, clock, onSample, onNote } = options;
  const program = startProgram({
    title: node,
    module: new URL('./main.ts', import.meta.url),
    env: environment,
    logFile,
    onEvent: (name, body) => {
      if (name === 'sampled') onSample(body as WorkloadSampled);
      if (name === 'noted') onNote(body as WorkloadNoted);
    },
  });
  const end = async () => {
    program.release();
    const alive = await untilGone(killTrees([program.pid]), clock, GONE_AT_MOST_MS);
    if (alive.length > 0) throw new Error(`${node} (process ${alive[0]}) does not end`);
  };
  return { ...program, end };
};
