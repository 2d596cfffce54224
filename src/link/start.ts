// Starts a proxy server in a process of its own, `toxiproxy-server` or drill's built-in one, and
// gives the links on it.
import { hostClock, type Clock } from '../host/clock.ts';
import { tailOf } from '../host/files.ts';
import { LOOPBACK } from '../host/ports.ts';
import { untilGone, sendSignal, type ProcessEnvironment } from '../host/process/processes.ts';
import type { ProgramExit } from '../host/program/program.ts';
import { connectClient, type ProxyClient } from './client.ts';
import { LinkError } from './link-error.ts';
import type { Links } from './links.ts';
import { linksVia } from './proxied-link.ts';
import { startBuiltIn, startToxiproxy, type ProxyProcess } from './proxy-process.ts';

export interface LinksOptions {
  /** The environment of the server's process; it carries the run's mark. */
  readonly environment: ProcessEnvironment;
  readonly logFile: string;
  /** The path of `toxiproxy-server`; null for the built-in one. */
  readonly toxiproxyServer: string | null;
  /** It seeds jitter, slices and toxicity. */
  readonly seed?: number;
  readonly clock?: Clock;
  /** Ends the start, not the server. */
  readonly signal?: AbortSignal;
  /** The server ended although nobody stopped it. */
  readonly onExit?: (exit: ProgramExit) => void;
}

export interface StartedLinks {
  readonly links: Links;
  readonly pid: number;
  stop(): Promise<void>;
  /** The server is to outlive this process. */
  stay(): Promise<void>;
  /** Lets this process end while the server goes on; after `stay`. */
  release(): void;
}

const ANSWERS_AT_MOST_MS = 10_000;
const ENDS_AT_MOST_MS = 2_000;
const PORT_ATTEMPTS = 5;
const LOG_LINES_SHOWN = 10;

/** Rejects with a `LinkError` that says how the server ended; its log is the caller's to show. */
export async function startLinks(options: LinksOptions): Promise<StartedLinks> {
  const clock = options.clock ?? hostClock();
  for (let attempt = 1; ; attempt++) {
    const server =
      options.toxiproxyServer === null
        ? startBuiltIn(options)
        : await startToxiproxy(options.toxiproxyServer, options);
    try {
      const { client, version } = await untilAnswering(server, clock, options.signal);
      return linksOn(server, client, version, options, clock);
    } catch (error) {
      await endServer(server, clock);
      options.signal?.throwIfAborted();
      const log = tailOf(options.logFile, LOG_LINES_SHOWN);
      const isPortTaken = log.some((line) => line.includes('address already in use'));
      if (options.toxiproxyServer !== null && isPortTaken && attempt < PORT_ATTEMPTS) continue;
      throw startError(options, error as Error);
    }
  }
}

async function untilAnswering(server: ProxyProcess, clock: Clock, signal?: AbortSignal) {
  const until = clock.now() + ANSWERS_AT_MOST_MS;
  let pause_ms = 2;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const port = await server.port();
      const client = connectClient(`http://${LOOPBACK}:${port}`);
      const version = await client.version();
      // A server that is not ours would have its own proxies, and ours would have ended for want of
      // the port.
      const { size } = await client.proxies();
      if (size > 0) throw new Error(`port ${port} belongs to another proxy server`);
      if (server.ended() === null) return { client, version };
    } catch (error) {
      const end = server.ended();
      if (end !== null) throw new Error(end, { cause: error });
      if (clock.now() >= until) throw error;
      await clock.sleep(pause_ms, signal);
      pause_ms = Math.min(50, pause_ms * 2);
    }
  }
}

function linksOn(
  server: ProxyProcess,
  client: ProxyClient,
  version: string,
  options: LinksOptions,
  clock: Clock,
): StartedLinks {
  let isStopping = false;
  void server.exited.then((exit) => {
    if (!isStopping) options.onExit?.(exit);
  });
  return {
    links: linksVia(client, version),
    pid: server.pid,
    stop: async () => {
      isStopping = true;
      await endServer(server, clock);
    },
    stay: () => server.stay(),
    release: () => server.release(),
  };
}

/**
 * Killed at once: neither server has anything to save, and toxiproxy-server would wait for open
 * requests.
 */
async function endServer(server: ProxyProcess, clock: Clock): Promise<void> {
  if (server.ended() !== null) return;
  sendSignal(server.pid, 'SIGKILL');
  const left = await untilGone([server.pid], clock, ENDS_AT_MOST_MS);
  if (left.length === 0) return;
  throw noLink(`stop the proxy server (process ${server.pid})`, 'it does not end');
}

function startError(options: LinksOptions, error: Error): LinkError {
  const what = options.toxiproxyServer ?? 'the built-in proxy';
  const problem = { asked: `start ${what}`, status: null, reason: error.message };
  return new LinkError(problem, { cause: error });
}

function noLink(asked: string, reason: string): LinkError {
  return new LinkError({ asked, status: null, reason });
}
