// The way of a team's own clients to its system, as a drill file names it, and how what they wrote
// is counted where it goes into tables of the team's. Pure.
import * as z from 'zod';
import { HOST_AND_PORT, hostAndPort, isHostAndPort } from '../../base/host-port.ts';
import {
  argv,
  duration,
  formError,
  plannedArgv,
  plannedSecret,
  SECRET_FORM,
  secretSource,
  whole,
  SECRET,
} from '../fields.ts';
import { ms, type Frozen } from '../planned.ts';
import { METHODS } from './own-way.ts';

const WAY_FORM =
  'one way: { sql: host:port } for one address that leads to the primary, ' +
  '{ databases: read-write } for the list of servers, { http: { url: … } } for an endpoint of ' +
  'yours, or { command: [./write.sh] } for a program of yours';

const DEFAULT_BODY =
  '{"run":"{run}","writer":{writer},"sequence":{sequence},"payload":"{payload}"}';
const URL_FORM = 'a URL such as https://shop.example.com/orders, without a password in it';
const STATUS_FORM = 'statuses such as 2xx, 409 or [409, 422]';
const HEADER_TEXT = /^[^\r\n]*$/;
/** Names of headers that nobody would give anything but a secret. */
const SECRET_NAME = /auth|cookie|token|secret|passw|api-?key/i;

const status = z
  .union([z.int().min(200).max(599), z.string().regex(/^[2-5]xx$/)], {
    error: formError(STATUS_FORM),
  })
  .transform(String);
const statuses = z.union([status.transform((one) => [one]), z.array(status).min(1)], {
  error: formError(STATUS_FORM),
});

const http = z
  .strictObject({
    url: z
      .string({ error: () => `expected ${URL_FORM}` })
      .refine(isEndpoint, { error: () => `expected ${URL_FORM}`, ...SECRET })
      .describe('Where a write goes; may have {run}, {writer}, {sequence}, {payload} in its path.'),
    method: z.enum(METHODS).default('POST').describe('Of the request.'),
    body: z
      .string()
      .max(65_536)
      .default(DEFAULT_BODY)
      .describe('Of the request, with {run}, {writer}, {sequence} and {payload} for the write.'),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: formError('a header') }),
        z.union([z.string().max(4_000).regex(HEADER_TEXT), secretSource('the header')], {
          error: () => `expected a text of one line, or where a secret comes from: ${SECRET_FORM}`,
        }),
      )
      .default({})
      .superRefine(noSecretsStated)
      .describe('Of each request. A secret comes from { env }, { file } or { command }.'),
    ca: z
      .string()
      .min(1)
      .optional()
      .transform((file) => file ?? null)
      .describe('A file of the certificates to trust, in place of those that Node does.'),
    acknowledged: statuses
      .prefault('2xx')
      .describe('Answers that promise that the write is stored.'),
    refused: statuses
      .optional()
      .transform((stated) => stated ?? [])
      .describe('Answers that promise that it is not. What is in neither list proves nothing.'),
  })
  .superRefine(({ url, body, acknowledged, refused }, context) => {
    const lacks = ['{writer}', '{sequence}'].filter((name) => !`${url}${body}`.includes(name));
    if (lacks.length > 0) {
      const names = lacks.join(' and ');
      const message = `expected ${names} in url or body: they tell one write from another`;
      context.addIssue({ code: 'custom', path: ['body'], message, input: body });
    }
    const both = acknowledged.find((each) => refused.some((other) => overlap(each, other)));
    if (both === undefined) return;
    const message = `${both} cannot be acknowledged and refused`;
    context.addIssue({ code: 'custom', path: ['refused'], message, input: refused });
  });

export const clients = z
  .union(
    [
      z.strictObject({
        sql: z
          .string()
          .regex(HOST_AND_PORT, { error: formError('host:port'), abort: true })
          .refine(isHostAndPort, { error: formError('host:port, a port from 1 to 65535') })
          .describe('One address that leads to the primary: a balancer, a pooler, a name.'),
      }),
      z.strictObject({
        databases: z
          .literal('read-write')
          .describe('The list of servers, walked to the first that takes writes, as libpq does.'),
        connect_timeout: duration('10ms', '1m')
          .optional()
          .describe('For one server of the list. Default: the timeout, shared by all of them.'),
      }),
      z.strictObject({ http: http.describe('An endpoint of yours: a request for each write.') }),
      z.strictObject({
        command: argv.describe('A program of yours that lives long: a line in, a line out.'),
        workers: whole(1, 256)
          .default(8)
          .describe('So many of it run at once, each with one write in hand.'),
      }),
    ],
    { error: formError(WAY_FORM) },
  )
  .prefault({ databases: 'read-write' })
  .describe('The way of the clients. Default: the list of servers.');

const COUNT_FORM =
  '{ sql: "select writer, sequence, payload from …" } or { command: [./count.sh, "{run}"] }';

export const count = z
  .union(
    [
      z
        .strictObject({
          sql: z
            .string()
            .min(1)
            .describe(
              'Returns writer, sequence and payload of each row of the run, {run}, on the primary.',
            ),
        })
        .transform(({ sql }) => ({ by: 'sql' as const, sql })),
      z
        .strictObject({
          command: argv.describe('Prints a line of JSON for each row of the run, {run}.'),
        })
        .transform(({ command }) => ({ by: 'command' as const, command })),
    ],
    { error: formError(COUNT_FORM) },
  )
  .describe(
    'What clients over http or command wrote, as it is counted. Default: nobody counts it.',
  );

type Clients = z.output<typeof clients>;

/** A run goes to one place, whatever it writes. */
function isEndpoint(text: string): boolean {
  return isPlainUrl(text) && !/^[a-z]+:\/\/[^/?#]*([{}]|%7B)/i.test(text);
}

/** Of a web server, with nothing in it that nobody else may see. */
export function isPlainUrl(text: string): boolean {
  try {
    const { protocol, username, password, searchParams } = new URL(text.replaceAll(/[{}]/g, '-'));
    const hasSecret = [...searchParams.keys()].some((key) => SECRET_NAME.test(key));
    const isPlain = username === '' && password === '' && !hasSecret;
    return isPlain && ['http:', 'https:'].includes(protocol);
  } catch {
    return false;
  }
}

function noSecretsStated(headers: Readonly<Record<string, unknown>>, context: z.RefinementCtx) {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || !SECRET_NAME.test(name)) continue;
    const message = `it looks like a secret, which comes from ${SECRET_FORM}`;
    context.addIssue({ code: 'custom', path: [name], message, ...SECRET });
  }
}

function overlap(one: string, other: string): boolean {
  const isSame = one[0] === other[0];
  return isSame && (one === other || one.endsWith('xx') || other.endsWith('xx'));
}

export const plannedClients = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('address'), host: z.string(), port: z.int() }),
  z.strictObject({ by: z.literal('list'), connect_ms: ms }),
  z.strictObject({
    by: z.literal('http'),
    url: z.string(),
    method: z.enum(METHODS),
    body: z.string(),
    headers: z.record(z.string(), z.union([z.string(), plannedSecret])),
    ca: z.string().nullable(),
    acknowledged: z.array(z.string()),
    refused: z.array(z.string()),
  }),
  z.strictObject({ by: z.literal('command'), command: plannedArgv, workers: z.int() }),
]);
export type PlannedClients = Frozen<z.output<typeof plannedClients>>;

export const plannedCount = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('sql'), sql: z.string() }),
  z.strictObject({ by: z.literal('command'), command: plannedArgv }),
]);
export type PlannedCount = Frozen<z.output<typeof plannedCount>>;

/** `share_ms`: of the timeout, for each server of the list. */
export function planClients(stated: Clients, share_ms: number): PlannedClients {
  if ('sql' in stated) return { by: 'address', ...hostAndPort(stated.sql) };
  if ('http' in stated) return { by: 'http', ...stated.http };
  if ('command' in stated) return { by: 'command', ...stated };
  return { by: 'list', connect_ms: stated.connect_timeout ?? share_ms };
}

/** Drill’s own statements write into a table of its own there; else the team's do, into theirs. */
export function writesOwnTable({ by }: Pick<PlannedClients, 'by'>): boolean {
  return by === 'address' || by === 'list';
}

/** In a few words: `POST https://shop.example.com/orders`. */
export function clientsPhrase(clients: PlannedClients): string {
  switch (clients.by) {
    case 'list':
      return 'the list of servers';
    case 'address':
      return `${clients.host}:${clients.port}`;
    case 'http':
      return `${clients.method} ${clients.url}`;
    case 'command':
      return `${clients.workers} × ${clients.command.join(' ')}`;
  }
}

/** All that decides what they write and what is believed of the answers. */
export function clientsInFull(clients: PlannedClients): string {
  if (clients.by !== 'http') return clientsPhrase(clients);
  const { body, headers, ca, acknowledged, refused } = clients;
  const stated = Object.entries(headers).map(([name, value]) => {
    return `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  const trust = ca === null ? [] : [`trusts ${ca}`];
  const yes = `acknowledged ${acknowledged.join(', ')}`;
  const no = `refused ${refused.join(', ') || 'none'}`;
  return [clientsPhrase(clients), body, ...stated, ...trust, yes, no].join('; ');
}

export function countPhrase(count: PlannedCount | undefined): string {
  if (count === undefined) return 'nobody';
  return count.by === 'sql' ? count.sql : count.command.join(' ');
}
