// A client that has nothing to do with drill's own: it asks the GSLB where to go, again and again,
// and asks there whether the service is ready. It writes nothing.
import { request } from 'node:http';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { resolveService, type ResolvedAddress } from '../../../src/gslb/resolver.ts';
import { hostNow } from '../../../src/host/clock.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';

const EVERY_MS = 10;
const ANSWER_AT_MOST_MS = 200;

interface Probe {
  readonly sent_ms: number;
  readonly done_ms: number;
  readonly isReady: boolean;
}

export class Prober {
  readonly #gslb: { readonly host: string; readonly port: number };
  readonly #probes: Probe[] = [];
  readonly #loops: Promise<void>[];
  #address: ResolvedAddress | null = null;
  #isStopped = false;

  /** `up` is the event that names every endpoint of the running system. */
  constructor(up: RunEvent) {
    const endpoints = up.event === 'topology.up' ? up.endpoints : [];
    this.#gslb = endpoints.find(({ kind }) => kind === 'gslb')!;
    this.#loops = [this.#lookUp(), this.#probe()];
  }

  /**
   * When the service was ready again for good after a time on the clock of the host: the first good
   * answer after the last failure; null when it never failed, or never came back.
   */
  async backAfter(from_ms: number): Promise<number | null> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
    const probes = this.#probes.filter(({ sent_ms }) => sent_ms >= from_ms);
    const last = probes.findLastIndex(({ isReady }) => !isReady);
    return last < 0 ? null : (probes[last + 1]?.done_ms ?? null);
  }

  /** Like any client it goes on with the old answer while there is no new one. */
  async #lookUp(): Promise<void> {
    while (!this.#isStopped) {
      const options = { timeout_ms: ANSWER_AT_MOST_MS };
      await resolveService(this.#gslb, ORDERS_SERVICE, options).then(
        ({ addresses }) => (this.#address = addresses[0]!),
        () => {},
      );
      await pause(EVERY_MS);
    }
  }

  /** One at a time; it ends with the system, whose end is no outage. */
  async #probe(): Promise<void> {
    while (!this.#isStopped) {
      const sent_ms = hostNow();
      const isReady = this.#address === null || (await answersReady(this.#address));
      this.#probes.push({ sent_ms, done_ms: hostNow(), isReady });
      await pause(EVERY_MS);
    }
  }
}

function answersReady({ host, port }: ResolvedAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path: '/readyz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.setTimeout(ANSWER_AT_MOST_MS, () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
