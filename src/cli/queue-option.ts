// The flag of the verbs that share work with other machines: the database that all of them reach.
import type { DatabaseAddress } from '../drill/database-address.ts';
import { QUEUE_VARIABLE, queueAddress } from '../queue/address.ts';
import { UserError } from '../screen/user-error.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

const QUEUE_PLACE = 'postgres://USER@HOST:PORT/DATABASE';

/** What a flag that names the variable means by it. */
export const queueOption = {
  describe:
    `The database that the machines share: ${QUEUE_PLACE}, or the word ${QUEUE_VARIABLE} for ` +
    'the variable of that name, since whoever lists processes sees a password in a flag',
} as const satisfies Argument;

/** Null where the flag is not given. Throws a `UserError`. */
export function queueAsked(args: VerbArguments, context: CliContext): DatabaseAddress | null {
  const word = args['queue'] as string | undefined;
  if (word === undefined) return null;
  return word === QUEUE_VARIABLE ? queueOfVariable(context) : queueAddress(word, '--queue');
}

/** The flag, or else the variable. Throws a `UserError` where there is neither. */
export function queueNeeded(args: VerbArguments, context: CliContext): DatabaseAddress {
  return queueAsked(args, context) ?? queueOfVariable(context);
}

/** What the variable names; null: it is not set. Throws a `UserError`. */
export function queueThere({ environment }: CliContext): DatabaseAddress | null {
  const text = environment[QUEUE_VARIABLE];
  return text === undefined || text === '' ? null : queueAddress(text, QUEUE_VARIABLE);
}

function queueOfVariable(context: CliContext): DatabaseAddress {
  const there = queueThere(context);
  if (there !== null) return there;
  throw new UserError(`expected the database of the queue, and ${QUEUE_VARIABLE} is not set`, {
    hint: `--queue ${QUEUE_PLACE}`,
  });
}

/** No process of a run, and no command of a drill, is told where the database is. */
export function withoutQueue<T extends CliContext>(context: T): T {
  const { [QUEUE_VARIABLE]: _, ...environment } = context.environment;
  return { ...context, environment };
}
