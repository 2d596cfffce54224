// Starts one of drill's own programs (app, gslb, workload, the built-in proxy) as a process of its
// own and talks to it over Node's IPC channel: one `start` with its settings, requests with
// replies, and events that it sends by itself.
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeExit, exitOf, startDetached, type ProcessExit } from '../process/detached.ts';
import type { ProcessEnvironment } from '../process/processes.ts';
import { ProgramError } from './program-client.ts';

/** What travels over the channel. `id` pairs a reply with its request. */
export type ProgramMessage =
  | { type: 'request'; id: number; name: string; body: unknown }
  | { type: 'reply'; id: number; body?: unknown; error?: string }
  | { type: 'event'; name: string; body: unknown };

export interface ProgramOptions {
  /** Shown in errors, e.g. `east/app-1`. */
  readonly title: string;
  /** The module to run: `new URL('./main.ts', import.meta.url)` of the program's folder. */
  readonly module: URL;
  readonly args?: readonly string[];
  readonly env: ProcessEnvironment;
  /** stdout and stderr are appended to this file. */
  readonly logFile: string;
  readonly onEvent?: (name: string, body: unknown) => void;
}

/** A running program. */
export interface Program {
  readonly title: string;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** Sends a request; rejects after `timeout_ms` without a reply, or when the program is gone. */
  request(name: string, body: unknown, timeout_ms?: number): Promise<unknown>;
  /** Closes the channel and leaves the program running (it was asked to stay before). */
  release(): void;
}

/**
 * Runs a compiled module directly and a TypeScript one (in the tests) through tsx. A program ends
 * by itself when its channel closes, unless asked to stay.
 */
export function startProgram(options: ProgramOptions): Program {
  const { title, module, env, logFile } = options;
  const path = fileURLToPath(module);
  const file = import.meta.url.endsWith('.ts') ? path : path.replace(/\.ts$/, '.js');
  const flags = file.endsWith('.ts') ? ['--import=tsx'] : [];
  const child = startDetached(process.execPath, [...flags, file, ...(options.args ?? [])], {
    env,
    logFile,
    hasChannel: true,
  });
  const channel = openChannel(title, child, options.onEvent);
  const exited = exitOf(child);
  void exited.then((exit) => channel.fail(`${title} ended (${describeExit(exit)})`));
  return {
    title,
    pid: child.pid ?? -1,
    exited,
    request: channel.request,
    release: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

interface Waiting {
  resolve(body: unknown): void;
  reject(error: Error): void;
}

function openChannel(title: string, child: ChildProcess, onEvent: ProgramOptions['onEvent']) {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: string | null = null;
  child.on('error', () => {}); // a failed send shows as a request that times out or as the exit
  child.on('message', (raw: unknown) => {
    const message = raw as ProgramMessage;
    if (message.type === 'event') onEvent?.(message.name, message.body);
    if (message.type !== 'reply') return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.body);
    else asked?.reject(new ProgramError(`${title}: ${message.error}`));
  });
  const fail = (reason: string) => {
    ended = reason;
    for (const asked of waiting.values()) asked.reject(new ProgramError(reason));
    waiting.clear();
  };
  const request = (name: string, body: unknown, timeout_ms = 10_000): Promise<unknown> => {
    if (ended !== null) return Promise.reject(new ProgramError(ended));
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new ProgramError(`${title} did not answer "${name}" within ${timeout_ms} ms`));
      }, timeout_ms);
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      if (child.connected) child.send({ type: 'request', id, name, body } satisfies ProgramMessage);
      else waiting.get(id)?.reject(new ProgramError(`${title} is gone`));
    });
  };
  return { request, fail };
}
