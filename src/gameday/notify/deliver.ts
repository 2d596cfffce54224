// One try to tell one receiver, within its time. It shows no secret.
import { masked } from '../../base/masked.ts';
import { formatDuration } from '../../base/units.ts';
import type { Message } from '../../evidence/message-form.ts';
import { abortAfter, type Clock } from '../../host/clock.ts';
import { tellCommand } from './command.ts';
import type { Answer, Receiver, Try } from './receiver.ts';
import { tellWebhook } from './webhook.ts';

export interface Delivery extends Omit<Try, 'now_ms'> {
  readonly clock: Clock;
}

/** Rejects only where `signal` aborts first: nothing is known of the try then. */
export async function deliver(
  { notice, secrets }: Receiver,
  message: Message,
  { clock, signal: stop, ...more }: Delivery,
): Promise<Answer> {
  const over = new AbortController();
  const late = `no answer within ${formatDuration(notice.within)}`;
  const tooLong = abortAfter(clock, notice.within, new Error(late), over.signal);
  const signal = AbortSignal.any([stop, tooLong]);
  const each: Try = { ...more, now_ms: clock.wall(), signal };
  const failed = (error: Error): Answer => {
    stop.throwIfAborted();
    const why = tooLong.aborted ? late : error.message;
    return { kind: 'failed', why, after_ms: null };
  };
  const answer = await answerTo(notice, message, each)
    .catch(failed)
    .finally(() => over.abort(new Error('it was answered')));
  return { ...answer, why: masked(answer.why, secrets).slice(0, WHY_LENGTH) };
}

const WHY_LENGTH = 300;

async function answerTo(notice: Receiver['notice'], message: Message, each: Try): Promise<Answer> {
  if ('webhook' in notice) return await tellWebhook(notice, message, each);
  if ('command' in notice) return await tellCommand(notice, message, each);
  // Loaded where somebody wants mail: it is large.
  const { tellByMail } = await import('./email.ts');
  return await tellByMail(notice, message, each);
}
