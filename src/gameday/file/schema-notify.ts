// `notify:` of a game-day file: who is told what, by a webhook, a mail or a command.
import * as z from 'zod';
import { argv, duration, formError } from '../../drill/fields.ts';

/** What a message is about. */
const NOTICES = [
  'started',
  'declared',
  'ended',
  'failed',
  'missed',
  'blocked',
  'unclean',
  'stale',
] as const;

const on = z
  .array(z.enum(NOTICES))
  .min(1)
  .default([...NOTICES])
  .describe('What is told; failed: an end without a pass. Default: everything.');

// What stands in a URL or a secret is shown to nobody, not even where it is wrong.
const url = z.url({
  protocol: /^https?$/,
  error: 'expected a URL such as https://hooks.example.com/…',
});

const webhook = z.strictObject({
  on,
  webhook: url.describe('Gets a POST. No redirect is followed.'),
  format: z
    .enum(['json', 'slack'])
    .default('json')
    .describe('json: what happened, as data; slack: { text }, as Slack and others take it.'),
  secret: z
    .string()
    .min(16, { error: 'expected at least 16 characters; take them from ${env.NAME}' })
    .max(500)
    .optional()
    .describe('Signs each message: X-Drill-Signature, HMAC with SHA-256.'),
  secret_file: z
    .string()
    .min(1)
    .optional()
    .describe('A file with the secret, in place of it; read anew each time.'),
  within: duration('1s', '1m').prefault('10s').describe('How long one try may take.'),
});

const addressForm = formError('an address such as team@example.com');
const address = z.email({ error: addressForm });

const email = z.strictObject({
  on,
  email: z.union([address.transform((one) => [one]), z.array(address).min(1).max(32)], {
    error: addressForm,
  }),
  from: address.default('drill@localhost'),
  smtp: z
    .url({ protocol: /^smtps?$/, error: 'expected a URL such as smtp://user:password@host:587' })
    .describe('The mail server.'),
  within: duration('1s', '5m').prefault('30s').describe('How long one try may take.'),
});

const command = z.strictObject({
  on,
  command: argv.describe('Gets the message on its input.'),
  within: duration('100ms', '10m').prefault('30s').describe('How long it may take.'),
});

export const notice = z.union([webhook, email, command], {
  error: formError('{ webhook: URL }, { email: ADDRESS, smtp: URL } or { command: [program] }'),
});

/** Who is told what, and how. */
export type Notice = z.output<typeof notice>;
export type Webhook = z.output<typeof webhook>;
export type Mail = z.output<typeof email>;
export type Told = z.output<typeof command>;
