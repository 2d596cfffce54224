// The address of the database through which machines share drills. It may have a password in it,
// which nobody is shown.
import { databaseAddress, type DatabaseAddress } from '../drill/database-address.ts';
import { UserError } from '../screen/user-error.ts';

/** The variable that names it where a flag would show it to everybody who lists processes. */
export const QUEUE_VARIABLE = 'DRILL_QUEUE';

/** `from` is what has the text. Throws a `UserError`, which does not repeat it. */
export function queueAddress(text: string, from: string): DatabaseAddress {
  const address = databaseAddress(text);
  if (address !== null) return address;
  throw new UserError(`${from}: expected postgres://USER@HOST:PORT/DATABASE, got another text`, {
    hint: `an address with a password belongs into ${QUEUE_VARIABLE}`,
  });
}
