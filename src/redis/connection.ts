// Connections to one Redis server, each for its own purpose: nothing is queued while there is no
// connection, nothing is sent twice, nothing reconnects by itself, and every command has a limit.
import { driverFailure, OperationFailed, tellingFailures } from '../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import { within } from '../host/clock.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

export interface Limits {
  readonly connect_ms: number;
  readonly command_ms: number;
}

/** The runner's name in `CLIENT LIST`. */
const RUNNER_NAME = 'drill';

/**
 * A connection that `CLIENT LIST` shows as `name`, once it has taken the `first` request. Rejects
 * with the driver's own error.
 */
export async function connectOnce(
  { host, port, password }: RedisAddress,
  name: string,
  limits: Limits,
  first: (client: Redis) => Promise<unknown> = () => Promise.resolve(),
): Promise<Redis> {
  // Few drills have a Redis, and it takes long to load. Of a CommonJS package that was put into a
  // program, only the default export is sure to be there.
  const { Redis } = (await import('ioredis')).default;
  const client = new Redis({
    host,
    port,
    password,
    protocol: 2,
    lazyConnect: true,
    connectionName: name,
    disableClientInfo: true,
    connectTimeout: limits.connect_ms,
    commandTimeout: limits.command_ms,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
  });
  let reason: Error | null = null;
  client.on('error', (error: Error) => (reason ??= error)); // commands in flight reject with it
  try {
    // The time limit of a connection that is taken and then hears nothing (a stopped server).
    const connecting = client.connect().then(() => true);
    const isOpen = await within(connecting, limits.connect_ms, false);
    if (!isOpen) reason ??= new Error(`no answer within ${limits.connect_ms} ms`);
    if (reason !== null) throw reason;
    await first(client);
    return client;
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}

/** Rejects with an `OperationFailed` when it cannot connect; so does what it is asked. */
export async function openConnection(address: RedisAddress, limits: Limits): Promise<Redis> {
  const where = `Redis at ${address.host}:${address.port}`;
  try {
    // A wrong password shows at the first request and not in `connect`.
    const client = await connectOnce(address, RUNNER_NAME, limits, (opened) => opened.client('ID'));
    return tellingFailures(client, 'sendCommand', where);
  } catch (error) {
    throw driverFailure(error, where);
  }
}

export async function withConnection<T>(
  address: RedisAddress,
  limits: Limits,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = await openConnection(address, limits);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** The first word of an error reply, such as READONLY; null for what is not one. */
export function replyCode(error: unknown): string | null {
  const cause = error instanceof OperationFailed ? error.cause : error;
  const { name, message = '' } = (cause ?? {}) as { name?: string; message?: string };
  return name === 'ReplyError' ? (/^[A-Z]+/.exec(message)?.[0] ?? null) : null;
}

/** One section of `INFO` as its fields. */
export async function infoOf(client: Redis, section: string): Promise<Map<string, string>> {
  return parseInfo(await client.info(section));
}

export function parseInfo(text: string): Map<string, string> {
  const fields = text.split('\r\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon <= 0 || line.startsWith('#')
      ? []
      : [[line.slice(0, colon), line.slice(colon + 1)]];
  });
  return new Map(fields);
}
