// Steps of a recovery that are none of drill's: what people do by hand, and commands. They stand
// among the recovery's own steps, in `recover.steps`.
import * as z from 'zod';
import { argv, formError, plannedArgv } from '../fields.ts';
import type { Frozen } from '../planned.ts';

const TITLE_MAX = 200;
const FORM =
  'a step of the recovery, { manual: what to do } or { command: [program, argument, …] }';

const title = z
  .string()
  .min(1)
  .max(TITLE_MAX)
  .regex(/^\P{Cc}+$/u, { error: 'expected one line of text' });
const seen = z
  .strictObject({ command: argv.describe('Asked again until it ends with 0.') })
  .optional()
  .describe('How drill sees for itself that it is done. Without it the step is believed.');

/** What a step of somebody's own recovery can end, as far as drill sees the same. */
export const STEP_MARKS = ['fenced', 'writable', 'redirected'] as const;
export type StepMark = (typeof STEP_MARKS)[number];
const mark = z
  .enum(STEP_MARKS)
  .optional()
  .describe(
    'Which phase ends with it, of a system of your own; believed where drill sees the same.',
  );

/** One line, whatever stands in the command. */
function titleOf(words: readonly string[]): string {
  return words
    .join(' ')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, TITLE_MAX);
}

function markOf({ mark: stated }: { readonly mark?: StepMark | undefined }) {
  return stated === undefined ? {} : { mark: stated };
}

/** Keys of a step that a person does, and of one that is a command. */
export const manualKeys = {
  manual: title.describe('What a person is to do; somebody confirms it.'),
  seen,
};
export const commandKeys = {
  command: argv.describe('Has failed where it does not end with 0.'),
  title: title.optional().describe('Default: the command.'),
  seen,
};

export function personOf(stated: z.output<z.ZodObject<typeof manualKeys>>) {
  return { by: 'person', title: stated.manual, seen: stated.seen?.command ?? null } as const;
}

export function commandOf(stated: z.output<z.ZodObject<typeof commandKeys>>) {
  const { command, title: name = titleOf(command) } = stated;
  return { by: 'command', title: name, command, seen: stated.seen?.command ?? null } as const;
}

export const stepsSetting = z
  .array(
    z.union(
      [
        z.string().transform((step) => ({ by: 'drill' as const, step })),
        z
          .strictObject({ ...manualKeys, mark })
          .transform((stated) => ({ ...personOf(stated), ...markOf(stated) })),
        z
          .strictObject({ ...commandKeys, mark })
          .transform((stated) => ({ ...commandOf(stated), ...markOf(stated) })),
      ],
      { error: formError(FORM) },
    ),
  )
  .max(64)
  .optional()
  .describe(
    'The steps in order, with others among them: `{ manual: … }`, `{ command: […] }`. ' +
      'Those of the recovery are all there, in their own order. Default: those alone.',
  );

/** `seen` null: nothing is looked at. */
export const plannedPerson = {
  by: z.literal('person'),
  title: z.string(),
  seen: plannedArgv.nullable(),
};
export const plannedCommand = {
  by: z.literal('command'),
  title: z.string(),
  command: plannedArgv,
  seen: plannedArgv.nullable(),
};
const plannedMark = { mark: z.enum(STEP_MARKS).exactOptional() };

/** In a plan, where the drill file has steps of its own. */
export const plannedSteps = z.array(
  z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('drill'), step: z.string() }),
    z.strictObject({ ...plannedPerson, ...plannedMark }),
    z.strictObject({ ...plannedCommand, ...plannedMark }),
  ]),
);
export type PlannedStep = Frozen<z.output<typeof plannedSteps>>[number];
export type StepByHand = Exclude<PlannedStep, { by: 'drill' }>;

interface Commanded {
  readonly by: string;
  readonly command?: readonly string[];
  readonly seen?: readonly string[] | null;
}

/** Every command that the steps run. */
export function commandsOf(steps: readonly Commanded[] = []): (readonly string[])[] {
  const all = steps.flatMap(({ command, seen }) => [command, seen]);
  return all.filter((each) => each !== undefined && each !== null);
}
