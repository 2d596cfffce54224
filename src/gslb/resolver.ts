// The DNS client of the workload, and of proofs. `node:dns` gives no TTL for SRV records, and
// clients must honour it.
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { isLackOfMachine } from '../host/machine/machine-error.ts';
import type { Address } from '../host/ports.ts';
import { encodeQuestion, parseAnswer } from './dns-message.ts';
import type { AnsweredAddress, ParsedAnswer, ResolvedAddress } from './dns-message.ts';
import { ZONE } from './protocol.ts';

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
export async function resolveService(
  server: Address,
  name: string,
  options: { readonly timeout_ms: number },
): Promise<ResolvedService> {
  return await ask(server, { name, type: 'SRV', wanted: 'addresses' }, options.timeout_ms);
}

/**
 * The serial of the zone as whoever asks over DNS is told it; null: no answer came in that time.
 * Rejects where the machine has nothing left to ask with.
 */
export async function zoneSerial(server: Address, timeout_ms: number): Promise<number | null> {
  try {
    const asked = { name: ZONE, type: 'SOA', wanted: 'serial' } as const;
    return (await ask(server, asked, timeout_ms)).serial;
  } catch (error) {
    if (isLackOfMachine(error)) throw error;
    return null;
  }
}

interface Asked<K extends ParsedAnswer['kind']> {
  readonly name: string;
  readonly type: 'SRV' | 'SOA';
  readonly wanted: K;
}

function ask<K extends ParsedAnswer['kind']>(
  server: Address,
  { name, type, wanted }: Asked<K>,
  timeout_ms: number,
): Promise<Extract<ParsedAnswer, { kind: K }>> {
  const id = randomInt(0x1_0000);
  const question = encodeQuestion(id, name, type);
  const where = `the GSLB at ${server.host}:${server.port}`;
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    let came = 'no reply';
    const timers: NodeJS.Timeout[] = [];
    const settle = (then: () => void) => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      then();
    };
    const send = () => socket.send(question, (error) => error && (came = error.message));
    socket.on('error', (error) => {
      if (isLackOfMachine(error)) settle(() => reject(error));
      came = error.message; // nobody listens (yet): ask again
    });
    socket.on('message', (datagram) => {
      const answer = parseAnswer(datagram, id, name);
      if (answer.kind === 'not-yet') came = 'a reply without an address';
      if (answer.kind === 'no-such-name') {
        settle(() => reject(new Error(`${where} does not know the name ${name}`)));
      }
      if (answer.kind === wanted) {
        settle(() => resolve(answer as Extract<ParsedAnswer, { kind: K }>));
      }
    });
    // A connected socket takes datagrams of this server alone.
    socket.connect(server.port, server.host, () => {
      send();
      timers.push(setInterval(send, RESEND_MS));
    });
    const giveUp = () => {
      const asked = `an address for ${name} within ${timeout_ms} ms`;
      settle(() => reject(new Error(`expected ${asked} from ${where}, got ${came}`)));
    };
    timers.push(setTimeout(giveUp, timeout_ms));
  });
}
