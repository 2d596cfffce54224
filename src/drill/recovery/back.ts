// The steps by which a system of somebody's own goes back to its first layout: commands, and what
// people do. What the last of them comes to, drill sees for itself.
import * as z from 'zod';
import { argv, formError, plannedArgv } from '../fields.ts';
import type { Frozen } from '../planned.ts';
import {
  commandKeys,
  commandOf,
  manualKeys,
  personOf,
  plannedCommand,
  plannedPerson,
} from './by-hand.ts';

const FORM =
  'a step of the way back, { command: [program, argument, …] } or { manual: what to do }';

const mark = z
  .literal('follows')
  .optional()
  .describe('From then on the lost region follows again; what comes after it moves service back.');

function markOf({ mark: stated }: { readonly mark?: 'follows' | undefined }) {
  return stated === undefined ? {} : { mark: stated };
}

const backSetting = z
  .array(
    z.union(
      [
        z
          .strictObject({ ...manualKeys, mark })
          .transform((stated) => ({ ...personOf(stated), undo: null, ...markOf(stated) })),
        z
          .strictObject({
            ...commandKeys,
            undo: argv
              .optional()
              .describe(
                'Is run where this step or a later one fails: also where nothing was done. ' +
                  'Default: nothing is.',
              ),
            mark,
          })
          .transform((stated) => ({
            ...commandOf(stated),
            undo: stated.undo ?? null,
            ...markOf(stated),
          })),
      ],
      { error: formError(FORM) },
    ),
  )
  .min(1)
  .max(64)
  .optional()
  .describe(
    'The way back of a system of your own, for `failback: true`. Without a step that is marked ' +
      '`follows`, the lost region has to follow by then, and all of them move service.',
  );

export const BACK_SETTINGS = { back: backSetting };

const plannedMark = { mark: z.literal('follows').exactOptional() };

/** In a plan. `undo` null: nothing undoes it. */
export const plannedBack = z.array(
  z.discriminatedUnion('by', [
    z.strictObject({ ...plannedPerson, undo: z.null(), ...plannedMark }),
    z.strictObject({ ...plannedCommand, undo: plannedArgv.nullable(), ...plannedMark }),
  ]),
);
export type BackStep = Frozen<z.output<typeof plannedBack>>[number];

/** Those until the lost region follows again, and those that move service. */
export function partsOf<S extends Pick<BackStep, 'mark'>>(steps: readonly S[]) {
  const next = steps.findIndex(({ mark: marked }) => marked !== undefined) + 1;
  return { rebuild: steps.slice(0, next), move: steps.slice(next) };
}
