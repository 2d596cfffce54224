// Starts a proxy server in a process of its own, `toxiproxy-server` or drill's built-in one, and
// gives the links on it.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hostClock, outcomeOf, type Clock } from '../host/clock.ts';
import { tailOf } from '../host/files.ts';
import { freePort, LOOPBACK } from '../host/ports.ts';
import { describeExit, exitOf, startDetached, type ProcessExit } from '../host/process/detached.ts';
import { sendSignal, untilGone, type ProcessEnvironment } from '../host/process/processes.ts';
import { startProgram } from '../host/program/program.ts';
import { makeSecret } from '../host/secret.ts';
import { closedTo } from '../host/temporary.ts';
import { ordinaryUser, ownUid } from '../host/users.ts';
import { connectClient, originOf } from './client.ts';
import { LinkError, type Links } from './links.ts';
import { linksVia } from './proxied-link.ts';

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
  readonly onExit?: (exit: ProcessExit) => void;
}

export interface StartedLinks {
  readonly links: Links;
  readonly pid: number;
  stop(): Promise<void>;
  /** The server is to outlive this process. */
  stay(): Promise<unknown>;
  /** Lets this process end while the server goes on; after `stay`. */
  release(): void;
}

interface ProxyProcess extends Pick<StartedLinks, 'pid' | 'stay' | 'release'> {
  readonly exited: Promise<ProcessExit>;
  /** Of its HTTP API on loopback; rejects while it is not known. */
  url(): Promise<string>;
}

/** With how it ended, a clause for an error; null while it runs. */
type ProxyServer = ProxyProcess & { readonly ended: () => string | null };

/** At its own level Toxiproxy writes six lines for each connection, a health check's too. */
const LOG_LEVEL = 'error';
const ANSWERS_AT_MOST_MS = 10_000;
const ENDS_AT_MOST_MS = 2_000;
const PORT_ATTEMPTS = 5;
const LOG_LINES_SHOWN = 10;

/** Rejects with a `LinkError` that says how the server ended; its log is the caller's to show. */
export async function startLinks(options: LinksOptions): Promise<StartedLinks> {
  const { clock = hostClock(), toxiproxyServer, logFile, signal, onExit } = options;
  for (let attempt = 1; ; attempt++) {
    const started = await (toxiproxyServer === null
      ? startBuiltIn(options)
      : startToxiproxy(toxiproxyServer, options));
    const end = started.exited.then((exit) => exit.error ?? `it ended with ${describeExit(exit)}`);
    const server: ProxyServer = { ...started, ended: outcomeOf(end) };
    try {
      const links = await untilAnswering(server, clock, signal);
      let isStopping = false;
      void server.exited.then((exit) => {
        if (!isStopping) onExit?.(exit);
      });
      const stop = async () => {
        isStopping = true;
        await endServer(server, clock);
      };
      const { pid, stay, release } = server;
      return { links, pid, stop, stay, release };
    } catch (error) {
      await endServer(server, clock);
      signal?.throwIfAborted();
      const log = tailOf(logFile, LOG_LINES_SHOWN);
      const isPortTaken = log.some((line) => line.includes('address already in use'));
      if (toxiproxyServer !== null && isPortTaken && attempt < PORT_ATTEMPTS) continue;
      const asked = `start ${toxiproxyServer ?? 'the built-in proxy'}`;
      throw new LinkError(asked, (error as Error).message, null, error);
    }
  }
}

async function untilAnswering(server: ProxyServer, clock: Clock, signal?: AbortSignal) {
  const until = clock.now() + ANSWERS_AT_MOST_MS;
  let pause_ms = 2;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const client = connectClient(await server.url());
      const version = await client.version();
      // A server that is not ours would have its own proxies, and ours would have ended for want of
      // the port.
      const { size } = await client.proxies();
      if (size > 0) throw new Error(`${originOf(client.url)} belongs to another proxy server`);
      if (server.ended() === null) return linksVia(client, version);
    } catch (error) {
      const end = server.ended();
      if (end !== null) throw new Error(end, { cause: error });
      if (clock.now() >= until) throw error;
      await clock.sleep(pause_ms, signal);
      pause_ms = Math.min(50, pause_ms * 2);
    }
  }
}

/**
 * Killed at once: neither server has anything to save, and toxiproxy-server would wait for open
 * requests.
 */
async function endServer({ pid, ended }: ProxyServer, clock: Clock): Promise<void> {
  if (ended() !== null) return;
  sendSignal(pid, 'SIGKILL');
  const left = await untilGone([pid], clock, ENDS_AT_MOST_MS);
  if (left.length === 0) return;
  throw new LinkError(`stop the proxy server (process ${pid})`, 'it does not end');
}

/** It answers nobody who does not know the token, which ends with it. */
function startBuiltIn({ environment, logFile, seed }: LinksOptions): ProxyProcess {
  const token = makeSecret();
  const program = startProgram({
    title: 'the built-in proxy',
    module: new URL('./proxy/main.ts', import.meta.url),
    args: flagsOf(0, seed),
    env: { ...environment, DRILL_PROXY_TOKEN: token },
    logFile,
  });
  return {
    ...program,
    url: async () => {
      const { port } = (await program.request('address', null)) as { port: number };
      return `http://${LOOPBACK}:${port}/${token}`;
    },
    stay: () => program.request('stay', null),
  };
}

/** Its port can be taken before it binds it: then it ends, and says so in its log. */
async function startToxiproxy(path: string, options: LinksOptions): Promise<ProxyProcess> {
  const { environment, logFile, seed } = options;
  const port = await freePort();
  const env = { LOG_LEVEL, ...environment };
  const child = startDetached(path, flagsOf(port, seed), { env, logFile, ...lessThanRoot(path) });
  return {
    pid: child.pid ?? -1,
    exited: exitOf(child),
    url: () => Promise.resolve(`http://${LOOPBACK}:${port}`),
    stay: () => Promise.resolve(),
    release: () => child.unref(),
  };
}

/** The user that root lets it run as; nobody else where the program is closed to that one. */
function lessThanRoot(path: string): { readonly uid: number; readonly gid: number } | undefined {
  const user = ownUid() === 0 ? ordinaryUser() : null;
  if (user === null || !existsSync(path)) return undefined; // which the start tells
  const file = realpathSync(path);
  const isOpen = (statSync(file).mode & 0o001) !== 0 && closedTo(user, dirname(file)) === null;
  return isOpen ? { uid: user.uid, gid: user.gid } : undefined;
}

function flagsOf(port: number, seed: number | undefined): string[] {
  const flags = ['-host', LOOPBACK, '-port', String(port)];
  return seed === undefined ? flags : [...flags, '-seed', String(seed)];
}
