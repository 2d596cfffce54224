// The DNS client of the workload. `node:dns` gives no TTL for SRV records, and clients must honour
// it.
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { encodeQuestion, parseAnswer } from './dns-message.ts';
import type { AnsweredAddress, ResolvedAddress } from './dns-message.ts';

export type { AnsweredAddress, ResolvedAddress };

const RESEND_MS = 200;

export interface ResolvedService {
  readonly addresses: readonly AnsweredAddress[];
  readonly ttl_s: number;
}

/**
 * Asks `server` for the SRV records of `name`, again every 200 ms since UDP may lose a datagram.
 * Rejects when there is no such name, and after `timeout_ms` without an address.
 */
export function resolveService(
  server: { readonly host: string; readonly port: number },
  name: string,
  options: { readonly timeout_ms: number },
): Promise<ResolvedService> {
  const id = randomInt(0x1_0000);
  const question = encodeQuestion(id, name);
  const where = `the GSLB at ${server.host}:${server.port}`;
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    let came = 'no reply';
    const ask = () => socket.send(question, (error) => error && (came = error.message));
    const timers: NodeJS.Timeout[] = [];
    const settle = (then: () => void) => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      then();
    };
    socket.on('error', (error) => (came = error.message)); // nobody listens (yet): ask again
    socket.on('message', (datagram) => {
      const answer = parseAnswer(datagram, id, name);
      if (answer.kind === 'not-yet') came = 'a reply without an address';
      if (answer.kind === 'no-such-name') {
        settle(() => reject(new Error(`${where} does not know the name ${name}`)));
      }
      if (answer.kind === 'addresses') settle(() => resolve(answer));
    });
    // A connected socket takes datagrams of this server alone.
    socket.connect(server.port, server.host, () => {
      ask();
      timers.push(setInterval(ask, RESEND_MS));
    });
    const giveUp = () => {
      const asked = `an address for ${name} within ${options.timeout_ms} ms`;
      settle(() => reject(new Error(`expected ${asked} from ${where}, got ${came}`)));
    };
    timers.push(setTimeout(giveUp, options.timeout_ms));
  });
}
