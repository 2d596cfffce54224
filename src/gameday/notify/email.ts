// One try to tell people by mail. A mail server that can is spoken to over TLS, and has to show who
// it is.
import { createTransport } from 'nodemailer';
import type { Message } from '../../evidence/message-form.ts';
import type { Mail } from '../file/schema-notify.ts';
import type { Answer, Try } from './receiver.ts';

export async function tellByMail(
  { email, from, smtp, within }: Mail,
  message: Message,
  { signal }: Try,
): Promise<Answer> {
  const times = { connectionTimeout: within, greetingTimeout: within, socketTimeout: within };
  const transport = createTransport({ url: smtp, ...times });
  const [subject = ''] = message.text.split('\n');
  try {
    const { rejected } = await transport.sendMail({
      from,
      to: email,
      subject,
      text: message.text,
      signal,
      // The same for each try.
      messageId: `<${message.id}@drill>`,
      date: new Date(message.at),
      headers: { 'X-Drill-Message': message.id, 'X-Drill-Event': message.event },
    });
    const why = rejected.length === 0 ? 'taken' : `taken, but not for ${rejected.join(', ')}`;
    return { kind: 'taken', why };
  } catch (error) {
    signal.throwIfAborted();
    const { message: why, responseCode = 0 } = error as Error & { responseCode?: number };
    if (responseCode >= 500) return { kind: 'refused', why };
    return { kind: 'failed', why, after_ms: null };
  } finally {
    transport.close();
  }
}
