// One try to tell a webhook: a POST, and what its answer means. No redirect is followed.
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { resolve } from 'node:path';
import type { Message } from '../../evidence/message-form.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { version } from '../../session/version.ts';
import type { Webhook } from '../file/schema-notify.ts';
import type { Answer, Try } from './receiver.ts';
import { retryAfter } from './retry.ts';
import { signature } from './sign.ts';

const SECRET_BYTES = 4096;

export async function tellWebhook(
  webhook: Webhook,
  message: Message,
  { number, now_ms, directory, signal }: Try,
): Promise<Answer> {
  const body = JSON.stringify(
    webhook.format === 'slack' ? { text: slackText(message.text) } : message,
  );
  const secret = secretOf(webhook, directory);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': `drill/${version()}`,
    'x-drill-event': message.event,
    'x-drill-message': message.id,
    'x-drill-try': String(number),
    ...(secret === null ? {} : { 'x-drill-signature': signature(body, secret, now_ms) }),
  };
  const reply = await post(webhook.webhook, body, headers, signal);
  return answerOf(reply, now_ms);
}

function secretOf({ secret, secret_file }: Webhook, directory: string): string | null {
  if (secret_file === undefined) return secret ?? null;
  try {
    const text = readPlainFile(resolve(directory, secret_file), SECRET_BYTES).toString('utf8');
    const found = text.trimEnd();
    if (found !== '') return found;
  } catch (error) {
    throw new Error(`secret_file: ${(error as Error).message}`, { cause: error });
  }
  throw new Error('secret_file: it is empty');
}

/** The head of the answer; nobody waits for the rest. */
function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? secureRequest : plainRequest;
    const request = send(url, { method: 'POST', headers, agent: false, signal });
    request.on('error', reject);
    request.on('response', (reply) => {
      reply.on('error', () => {});
      resolve(reply);
      request.destroy();
    });
    request.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, now_ms: number): Answer {
  const why = `answered ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken', why };
  const isLater = statusCode === 408 || statusCode === 429 || statusCode >= 500;
  if (isLater) return { kind: 'failed', why, after_ms: retryAfter(headers['retry-after'], now_ms) };
  const isElsewhere = statusCode >= 300 && statusCode < 400;
  return { kind: 'refused', why: isElsewhere ? `${why}, a redirect: none is followed` : why };
}

/** What Slack would take for a link or a mention. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
