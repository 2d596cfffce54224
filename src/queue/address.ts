// The address of the database through which machines share drills. It may have a password in it,
// which nobody is shown.
import { UserError } from '../screen/user-error.ts';

/** The variable that names it where a flag would show it to everybody who lists processes. */
export const QUEUE_VARIABLE = 'DRILL_QUEUE';

export interface QueueAddress {
  readonly url: string;
  /** Without what is secret: `postgres://db.internal:5432/drill`. */
  readonly shown: string;
}

/** `from` is what has the text. Throws a `UserError`, which does not repeat it. */
export function queueAddress(text: string, from: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPostgres = url !== null && /^postgres(ql)?:$/.test(url.protocol);
  if (!isPostgres || url.hostname === '') {
    throw new UserError(`${from}: expected postgres://USER@HOST:PORT/DATABASE, got another text`, {
      hint: `an address with a password belongs into ${QUEUE_VARIABLE}`,
    });
  }
  return { url: text, shown: `postgres://${url.host}${url.pathname}` };
}
