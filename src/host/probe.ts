// Tries an address from outside: whether a connection is taken there, and whether a sign of life
// comes back on it.
import { connect } from 'node:net';
import { hostNow } from './clock.ts';
import { isLackOfMachine } from './machine/machine-error.ts';

/** Understood by a web server; a database takes it for a mistake and hangs up. */
const GREETING = 'GET /healthz HTTP/1.1\r\nhost: drill\r\nconnection: close\r\n\r\n';

/**
 * What else answers at once to whoever has no password: PostgreSQL with one byte whether it speaks
 * TLS, Redis to any line.
 */
export const QUESTIONS: Readonly<Record<string, Uint8Array>> = {
  postgres: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
  redis: Buffer.from('PING\r\n'),
};

export interface Probed {
  readonly isSilent: boolean;
  /** What the other side did on the connection; null: nothing, or there was none. */
  readonly heard: 'answer' | 'hang-up' | null;
  readonly detail: string;
  /** Until that, whatever it was. */
  readonly ms: number;
}

/**
 * Silent: a connection was taken, or is not answered either way, and nothing came back on it in
 * `timeout_ms`. A refused connection is an answer. Rejects as `connectTo` does.
 */
export function probe(
  host: string,
  port: number,
  timeout_ms: number,
  greeting: string | Uint8Array = GREETING,
): Promise<Probed> {
  return new Promise((resolve, reject) => {
    const began = hostNow();
    const socket = connect({ host, port });
    const end = (isSilent: boolean, detail: string, heard: Probed['heard'] = null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ isSilent, heard, detail, ms: hostNow() - began });
    };
    // What has arrived while this process stood still is looked at before the timer counts.
    const timer = setTimeout(() => {
      setImmediate(() => end(true, `nothing was heard for ${Math.round(timeout_ms)} ms`));
    }, timeout_ms);
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', () => end(false, 'it answered', 'answer'));
    socket.once('end', () => end(false, 'it hung up', 'hang-up'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (isLackOfMachine(error)) reject(error);
      end(false, error.code === 'ECONNREFUSED' ? 'refused' : (error.code ?? error.message));
    });
  });
}

/**
 * `connected`, or why not: `refused`, `no answer within … ms`, or the system's error code. Rejects
 * where the machine has nothing left to ask with, which proves nothing.
 */
export function connectTo(host: string, port: number, timeout_ms: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (outcome: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(`no answer within ${timeout_ms} ms`), timeout_ms);
    socket.once('connect', () => end('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (isLackOfMachine(error)) reject(error);
      end(error.code === 'ECONNREFUSED' ? 'refused' : (error.code ?? error.message));
    });
  });
}
