// command: whatever breaks a system of the user's own, as a program with its arguments; beside it
// what undoes it, what undoes it should this machine be gone, and how it is seen to have bitten.
import * as z from 'zod';
import { argv, duration, formError, plannedArgv } from '../fields.ts';
import { ms, name, type Frozen } from '../planned.ts';
import { defineFault, NO_EFFECT, regionSetting } from './fault.ts';

const SEEN_FORM =
  'how it is seen to have bitten: { refuses: east/db1 }, { silent: east/db1 }, ' +
  '{ takes_no_writes: east/db1 } or { command: […] }';
const WHERE = 'A server of topology.system.databases, or host:port of something beside it.';
const NO_WRITES =
  'Is no primary any more, whether it is gone or back as a standby. ' +
  'A server of topology.system.databases.';

const seen = z.union(
  [
    z
      .strictObject({ refuses: z.string().min(1).describe(`Takes no connection. ${WHERE}`) })
      .transform(({ refuses }) => ({ by: 'refuses' as const, where: refuses })),
    z
      .strictObject({ silent: z.string().min(1).describe(`Answers nothing. ${WHERE}`) })
      .transform(({ silent }) => ({ by: 'silent' as const, where: silent })),
    z
      .strictObject({ takes_no_writes: z.string().min(1).describe(NO_WRITES) })
      .transform((stated) => ({ by: 'takes_no_writes' as const, where: stated.takes_no_writes })),
    z
      .strictObject({ command: argv.describe('Ends with 0 once it has bitten.') })
      .transform(({ command }) => ({ by: 'command' as const, command })),
  ],
  { error: formError(SEEN_FORM) },
);

const plannedSeen = z.discriminatedUnion('by', [
  z.strictObject({ by: z.enum(['refuses', 'silent', 'takes_no_writes']), where: name }),
  z.strictObject({ by: z.literal('command'), command: plannedArgv }),
]);

const SEEN_WORDS = {
  refuses: 'takes no connection',
  silent: 'is silent',
  takes_no_writes: 'takes no writes',
} as const;

/** What is looked at, in words. */
export function biteName({
  title,
  seen: of,
}: {
  readonly title: string;
  readonly seen: Frozen<z.output<typeof plannedSeen>>;
}): string {
  if (of.by === 'command') return `"${title}" is seen by ${of.command.join(' ')}`;
  return `${of.where} ${SEEN_WORDS[of.by]}`;
}

const UNDO_FORM = 'the command that undoes it, or none where nothing has to be';

export const command = defineFault({
  summary: 'a command of yours breaks a system of your own; another one undoes it',
  target: 'region',
  proof:
    'what `seen` names refuses connections, is silent, or takes no writes; ' +
    'or another command ends with 0',
  settings: {
    region: regionSetting,
    title: z.string().min(1).max(200).optional().describe('What it does. Default: the command.'),
    run: argv.describe('The program and its arguments; no shell sees them.'),
    undo: z
      .union([z.literal('none').transform(() => null), argv], { error: formError(UNDO_FORM) })
      .describe('Undoes it, may be done twice, and where nothing was done. none: nothing has to.'),
    arm: argv
      .optional()
      .describe('Done before: has the other side undo it by itself, should drill be gone.'),
    disarm: argv.optional().describe('Done after the undo: takes that back.'),
    seen: seen.describe('How drill sees for itself that it has bitten.'),
    takes_at_most: duration('100ms', '1h')
      .prefault('20s')
      .describe('For each of these commands, and until it is seen.'),
    starts: z
      .enum(['call', 'effect'])
      .default('call')
      .describe('effect: the command asks for something that begins later, when it is seen.'),
  },
  planned: {
    title: name,
    run: plannedArgv,
    /** Null: nothing has to be undone. */
    undo: plannedArgv.nullable(),
    arm: plannedArgv.nullable(),
    disarm: plannedArgv.nullable(),
    seen: plannedSeen,
    takes_at_most_ms: ms,
    starts: z.enum(['call', 'effect']),
  },
  ends: 'It is undone after so long. Default: after the recovery.',
  plan: ({ title, run, undo, arm, disarm, takes_at_most, ...stated }) => ({
    title: title ?? run.join(' ').replaceAll(/\p{Cc}+/gu, ' '),
    run,
    undo,
    arm: arm ?? null,
    disarm: disarm ?? null,
    seen: stated.seen,
    takes_at_most_ms: takes_at_most,
    starts: stated.starts,
  }),
  effect: ({ undo }) => ({ ...NO_EFFECT, service: 'lost', heals: undo !== null }),
  needs: () => ['commands'],
  phrase: ({ title, run }) => `${title}: ${run.join(' ')}`,
  words: ({ title }) => [title],
  problems: ({ undo, arm, disarm, ...stated }) => [
    ...(undo === null && stated.for !== undefined
      ? [{ key: 'for', message: 'with undo: none there is nothing that ends it' }]
      : []),
    ...(undo === null && arm !== undefined
      ? [{ key: 'arm', message: 'with undo: none there is nothing that the other side could undo' }]
      : []),
    ...(disarm !== undefined && arm === undefined
      ? [{ key: 'disarm', message: 'without arm there is nothing to take back' }]
      : []),
  ],
});
