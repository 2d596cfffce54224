// `--confirm NAME`: the name of a drill that breaks a system of somebody's own, typed each time.
import type { Argument, VerbArguments } from './verb.ts';

export const confirmOption = {
  describe: 'The name of a drill of a system of your own, typed: it is really meant',
} as const satisfies Argument;

/** Null: nobody has typed it. */
export function confirmedOf(args: VerbArguments): string | null {
  return (args['confirm'] as string | undefined) ?? null;
}
