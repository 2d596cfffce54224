// `notify:` of a game-day file: who is told what, by a webhook, a mail or a command.
import * as z from 'zod';
import { duration, formError } from '../../drill/fields.ts';

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
  .describe('What is told. Default: everything.');

const url = z.url({
  protocol: /^https?$/,
  error: formError('a URL such as https://hooks.example.com/…'),
});

const webhook = z.strictObject({
  on,
  webhook: url.describe('Gets a POST with JSON.'),
  format: z
    .enum(['json', 'slack'])
    .default('json')
    .describe('json: what happened, as data; slack: { text }, as Slack and others take it.'),
  secret: z
    .string()
    .min(16, { error: 'expected at least 16 characters; take them from ${env.NAME}' })
    .max(500)
    .optional()
    .describe('Signs the body: X-Drill-Signature, HMAC with SHA-256.'),
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
    .url({ protocol: /^smtps?$/, error: formError('a URL such as smtp://user:password@host:587') })
    .describe('The mail server.'),
});

const command = z.strictObject({
  on,
  command: z.array(z.string().min(1)).min(1).max(64).describe('Gets the message on its input.'),
  within: duration('100ms', '10m').prefault('30s').describe('How long it may take.'),
});

export const notice = z.union([webhook, email, command], {
  error: formError('{ webhook: URL }, { email: ADDRESS, smtp: URL } or { command: [program] }'),
});
