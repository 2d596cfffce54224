// Small HTTP questions to a node of the system, and who answers them: behind a port that a drill
// has freed can be another drill's listener.
import { get, type IncomingMessage } from 'node:http';
import { isLackOfMachine } from './machine/machine-error.ts';
import type { Address } from './ports.ts';
import { connectTo } from './probe.ts';

/** Requests and replies of the orders service name their run with it. */
export const RUN_HEADER = 'x-drill-run';

/**
 * The reply's head, or why there is none, within `timeout_ms`; rejects where the machine has
 * nothing left to ask with. It comes on a connection of its own: a kept one could outlive a link
 * that takes no new ones.
 */
export function askHead(
  address: Address,
  path: string,
  timeout_ms: number,
): Promise<IncomingMessage | NodeJS.ErrnoException> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    const request = get({ host, port, path, agent: false }, (response) => {
      response.resume();
      end(response);
    });
    // After this process was stopped, its timers run before it reads what has arrived meanwhile:
    // that is looked at first.
    const timer = setTimeout(() => {
      setImmediate(() => end(new Error(`no answer within ${timeout_ms} ms`)));
    }, timeout_ms);
    const end = (outcome: IncomingMessage | Error) => {
      clearTimeout(timer);
      request.destroy();
      resolve(outcome);
    };
    request.on('error', (error) => {
      if (isLackOfMachine(error)) reject(error);
      end(error);
    });
  });
}

/** Null when `/readyz` answers 200 within `timeout_ms`; else what came instead. */
export async function answersReady(address: Address, timeout_ms: number): Promise<string | null> {
  const reply = await askHead(address, '/readyz', timeout_ms);
  if (reply instanceof Error) return `/readyz: ${reply.message}`;
  return reply.statusCode === 200 ? null : `/readyz answered ${reply.statusCode}`;
}

/**
 * Whether something of the run `run` may listen there, and what was seen. A connection that is
 * taken counts, unless what took it answers HTTP and is not of this run: nothing of a run but its
 * orders service does, behind its own ports and proxies. Takes at most twice `timeout_ms`.
 */
export async function mayListen(
  address: Address,
  run: string,
  timeout_ms: number,
): Promise<{ readonly listens: boolean; readonly detail: string }> {
  const detail = await connectTo(address.host, address.port, timeout_ms);
  if (detail !== 'connected') return { listens: false, detail };
  const reply = await askHead(address, '/healthz', timeout_ms);
  if (reply instanceof Error) {
    return { listens: true, detail: `connected (HTTP: ${reply.message})` };
  }
  const whose = reply.headers[RUN_HEADER];
  if (whose === run) return { listens: true, detail: 'connected, and this run answers' };
  const other =
    whose === undefined ? 'something that is no part of it' : `the run ${String(whose)}`;
  return { listens: false, detail: `gone; ${other} listens there now` };
}
