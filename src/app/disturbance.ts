// What a fault does to the service on purpose: a share of requests gets an error, or each one
// waits. Health checks and this control itself are left alone; a new life of the instance has none
// of it.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { randomStream } from '../base/random.ts';
import type { Address } from '../host/ports.ts';
import { isAllowed } from '../host/program/program-server.ts';
import { OperationFailed } from '../host/operation-failed.ts';

/** Which requests get an error follows from their order. */
const SEED = 1;
const PATH = '/disturbance';
const REQUEST_AT_MOST_MS = 3_000;

/** Neither: the service is as it should be. */
export interface Disturbance {
  /** The share of requests that get an error, between 0 and 1. */
  readonly errors: number;
  /** How long each one waits before anything is done for it. */
  readonly delay_ms: number;
}

export const UNDISTURBED: Disturbance = { errors: 0, delay_ms: 0 };

/** Who may write into the database may disturb the service before it: `secret` is that password. */
export function disturbanceOf(secret: string) {
  const draw = randomStream(SEED);
  let now = UNDISTURBED;
  return {
    /** Resolves once the request may be looked at; false: it gets an error. */
    admit: async (): Promise<boolean> => {
      const { errors, delay_ms } = now;
      if (delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, delay_ms));
      return draw() >= errors;
    },
    /** `PUT` with a `Disturbance` replies with the one before; null: the request is another one. */
    control: async ({ method, url, headers }: IncomingMessage, body: () => Promise<string>) => {
      if (method !== 'PUT' || url !== PATH) return null;
      if (!isAllowed(headers.authorization, secret)) {
        return { status: 401, body: { error: 'expected "authorization: Bearer <password>"' } };
      }
      const before = now;
      const asked = JSON.parse(await body()) as Partial<Disturbance>;
      now = { ...UNDISTURBED, ...asked };
      return { status: 200, body: { before } };
    },
  };
}

/**
 * From now on; resolves to what was before. Null: nobody listens there, so nothing is disturbed.
 * Rejects where no answer comes.
 */
export async function disturb(
  { host, port }: Address,
  secret: string,
  disturbance: Disturbance,
): Promise<Disturbance | null> {
  const signal = AbortSignal.timeout(REQUEST_AT_MOST_MS);
  const headers = { authorization: `Bearer ${secret}` };
  const failed = (found: string) => {
    const what = `the app at ${host}:${port}`;
    return new OperationFailed({ what, expected: 'it to take a disturbance', found });
  };
  try {
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { host, port, path: PATH, method: 'PUT', headers, agent: false, signal };
      httpRequest(options, resolve).on('error', reject).end(JSON.stringify(disturbance));
    });
    const text = await textOf(reply);
    if (reply.statusCode !== 200) throw failed(`${reply.statusCode} ${text}`);
    return (JSON.parse(text) as { before: Disturbance }).before;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return null;
    if (error instanceof OperationFailed) throw error;
    throw failed(signal.aborted ? `no answer within ${REQUEST_AT_MOST_MS} ms` : message);
  }
}
