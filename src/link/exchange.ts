// One connection to an address, and what came of it: how much was heard on it, when, and how it
// ended. What breaks a way is seen from outside like this.
import { connect } from 'node:net';
import { hostNow } from '../host/clock.ts';
import { isLackOfMachine } from '../host/machine/machine-error.ts';

export interface Exchange {
  /** Bytes that came back. */
  readonly bytes: number;
  /** Of the first of them; null: there was none. */
  readonly first_ms: number | null;
  readonly last_ms: number | null;
  /** `open`: it lasted longer than anybody watched; `closed`: in order; else `refused`, `reset`. */
  readonly end: 'open' | 'closed' | 'refused' | 'reset';
  /** When it ended, or nobody watched any longer. */
  readonly end_ms: number;
}

export interface Watch {
  readonly atMost_ms: number;
  /** So much is enough, and the connection is left. */
  readonly enough_bytes?: number;
}

/** Times count from the beginning. Rejects where the machine has nothing left to ask with. */
export function exchange(
  { host, port }: { readonly host: string; readonly port: number },
  words: Uint8Array,
  { atMost_ms, enough_bytes = Infinity }: Watch,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const began = hostNow();
    const passed_ms = () => hostNow() - began;
    let bytes = 0;
    let first_ms: number | null = null;
    let last_ms: number | null = null;
    const socket = connect({ host, port, noDelay: true });
    const end = (how: Exchange['end']) => {
      clearTimeout(timer);
      const end_ms = passed_ms();
      socket.destroy();
      resolve({ bytes, first_ms, last_ms, end: how, end_ms });
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
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'reset');
    });
  });
}

/** What was seen, in words: `it was reset after 12 ms, nothing was heard`. */
export function exchangeWords({ bytes, end, end_ms }: Exchange): string {
  const heard = bytes === 0 ? 'nothing was heard' : `${bytes} bytes were heard`;
  const ended = { open: 'it was open', closed: 'it was closed' } as const;
  const how = end === 'refused' || end === 'reset' ? `it was ${end}` : ended[end];
  return `${how} after ${Math.round(end_ms)} ms, ${heard}`;
}
