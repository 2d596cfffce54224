// `drill pin RUN`, `drill unpin RUN`: a pinned run stays on the disk, whatever its age and size.
import { basename } from 'node:path';
import { setPinned } from '../../archive/run-directory.ts';
import { printable } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { askedRun, outOption, runPositional } from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const pinVerb: Verb = {
  command: 'pin [run]',
  positionals: { run: runPositional },
  options: { out: outOption },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [['drill pin latest', 'the run that was just made stays']],
  run: async (args, context) => await change(true, args, context),
};

export const unpinVerb: Verb = {
  command: 'unpin [run]',
  positionals: { run: runPositional },
  options: { out: outOption },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [['drill unpin latest', 'it is removed once it is old, like any other']],
  run: async (args, context) => await change(false, args, context),
};

async function change(pinned: boolean, args: VerbArguments, context: CliContext): Promise<number> {
  const place = await askedRun(args, context);
  const word = pinned ? 'pinned' : 'unpinned';
  let isNew: boolean;
  try {
    isNew = setPinned(place, pinned);
  } catch (error) {
    throw new UserError(`${place} cannot be ${word}: ${(error as Error).message}`, {
      exitCode: EXIT.environment,
    });
  }
  const state = pinned ? word : 'not pinned';
  context.screen.stdout.write(
    `${printable(basename(place))}: ${isNew ? word : `${state} already`}\n`,
  );
  return EXIT.pass;
}
