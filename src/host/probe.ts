// Tries an address from outside: what comes of one connection (how much was heard on it, when, and
// how it ended), and whether one is taken, or answered with a sign of life.
import { connect } from 'node:net';
import { hostNow } from './clock.ts';
import { isLackOfMachine } from './machine/machine-error.ts';

/** A web server answers it and hangs up; a database takes it for a mistake, and hangs up too. */
export const GREETING = 'GET /healthz HTTP/1.1\r\nhost: drill\r\nconnection: close\r\n\r\n';

/**
 * What else answers at once to whoever has no password: PostgreSQL with one byte whether it speaks
 * TLS, Redis to any line.
 */
export const QUESTIONS: Readonly<Record<string, Uint8Array>> = {
  postgres: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
  redis: Buffer.from('PING\r\n'),
};

export interface Exchange {
  /** Bytes that came back. */
  readonly bytes: number;
  /** Of the first of them; null: there was none. */
  readonly first_ms: number | null;
  readonly last_ms: number | null;
  /** `open`: it lasted longer than anybody watched; `closed`: in order; else `refused`, `reset`. */
  readonly end: 'open' | 'closed' | 'refused' | 'reset';
  /** The system's word for what was `reset`; else null. */
  readonly error: string | null;
  /** When it ended, or nobody watched any longer. */
  readonly end_ms: number;
}

export interface Watch {
  readonly atMost_ms: number;
  /** So much is enough, and the connection is left. */
  readonly enough_bytes?: number;
}

const STOOD_STILL_TIMES = 3;

/** Times count from the beginning. Rejects where the machine has nothing left to ask with. */
export function exchange(
  { host, port }: { readonly host: string; readonly port: number },
  words: string | Uint8Array,
  { atMost_ms, enough_bytes = Infinity }: Watch,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const began = hostNow();
    const passed_ms = () => hostNow() - began;
    let bytes = 0;
    let first_ms: number | null = null;
    let last_ms: number | null = null;
    const socket = connect({ host, port, noDelay: true });
    const end = (how: Exchange['end'], error: string | null = null) => {
      clearTimeout(timer);
      const end_ms = passed_ms();
      socket.destroy();
      resolve({ bytes, first_ms, last_ms, end: how, error, end_ms });
    };
    // What has arrived while this process stood still is looked at before the timer counts.
    const timer = setTimeout(() => setImmediate(() => end('open')), atMost_ms);
    socket.once('connect', () => socket.write(words));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      last_ms = passed_ms();
      first_ms ??= last_ms;
      if (bytes >= enough_bytes) end('open');
    });
    socket.once('end', () => end('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (isLackOfMachine(error)) reject(error);
      if (error.code === 'ECONNREFUSED') end('refused');
      else end('reset', error.code ?? error.message);
    });
  });
}

/**
 * Once more where something came after the watch was over: this process did not get to run, and
 * nobody knows when it came. Too late each time, it counts as heard.
 */
export async function watch(
  address: { readonly host: string; readonly port: number },
  words: string | Uint8Array,
  { atMost_ms, ...rest }: Watch,
): Promise<Exchange> {
  for (let more = STOOD_STILL_TIMES; ; more--) {
    const seen = await exchange(address, words, { atMost_ms, ...rest });
    const came_ms = seen.first_ms ?? (seen.end === 'open' ? 0 : seen.end_ms);
    if (came_ms <= atMost_ms || more === 0) return seen;
  }
}

/** What was seen, in words: `it was reset after 12 ms, nothing was heard`. */
export function exchangeWords({ bytes, end, end_ms }: Exchange): string {
  const heard = bytes === 0 ? 'nothing was heard' : `${bytes} bytes were heard`;
  const ended = { open: 'it was open', closed: 'it was closed' } as const;
  const how = end === 'refused' || end === 'reset' ? `it was ${end}` : ended[end];
  return `${how} after ${Math.round(end_ms)} ms, ${heard}`;
}

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
export async function probe(
  host: string,
  port: number,
  timeout_ms: number,
  greeting: string | Uint8Array = GREETING,
): Promise<Probed> {
  const seen = await watch({ host, port }, greeting, { atMost_ms: timeout_ms, enough_bytes: 1 });
  const { bytes, end, error, end_ms: ms } = seen;
  const isSilent = bytes === 0 && end === 'open';
  if (isSilent) {
    return {
      isSilent,
      heard: null,
      detail: `nothing was heard for ${Math.round(timeout_ms)} ms`,
      ms,
    };
  }
  if (bytes > 0) return { isSilent, heard: 'answer', detail: 'it answered', ms };
  if (end === 'closed') return { isSilent, heard: 'hang-up', detail: 'it hung up', ms };
  return { isSilent, heard: null, detail: error ?? end, ms };
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
