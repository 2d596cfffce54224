// The flags that choose some of the drills that are named.
import { UserError } from '../screen/user-error.ts';
import type { Choice } from '../session/choose-drills.ts';
import type { Argument, VerbArguments } from './verb.ts';

export const choiceOptions = {
  grep: { describe: 'Only drills whose name this regular expression matches' },
  tag: { describe: 'Only drills with one of these tags, with commas between them' },
  'last-failed': {
    type: 'boolean',
    describe: 'Only drills whose newest run, or series, did not pass',
  },
} as const satisfies Record<string, Argument>;

/** Null where all are meant. Throws a `UserError` for an expression that is none. */
export function choiceOf(args: VerbArguments): Choice | null {
  const grep = args['grep'] as string | undefined;
  const tag = args['tag'] as string | undefined;
  const lastFailed = args['last-failed'] === true;
  if (grep === undefined && tag === undefined && !lastFailed) return null;
  return {
    grep: grep === undefined ? null : expressionOf(grep),
    tags: tag === undefined ? null : tag.split(',').map((each) => each.trim()),
    lastFailed,
  };
}

function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new UserError(`--grep: ${(error as Error).message}`, {
      hint: "--grep 'outage|switchover'",
    });
  }
}
