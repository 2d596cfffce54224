// The part of the drill file's schema that says what is broken: one form for each kind of fault,
// from its definition.
import * as z from 'zod';
import { definitionOf, FAULT_KINDS } from '../fault/registry.ts';
import type { DrillFault, FaultKind } from '../fault/registry.ts';
import { duration, moment } from '../fields.ts';

const at = moment('1h').describe(
  'When, after the steady state: a time; a range that the seed draws from (it is 1 unless ' +
    '`--seed` says otherwise); or `beforehand`.',
);
const disaster = z
  .boolean()
  .optional()
  .describe(
    'The clock of the recovery time starts here. Default: the first fault that stops something.',
  );

/** What the keys of a fault of that kind may hold, in the order in which they are shown. */
function settingsOf(kind: FaultKind): z.ZodRawShape {
  const { settings, ends } = definitionOf(kind);
  const healAfter = {
    heal_after: duration('100ms', '1h')
      .optional()
      .describe(ends ?? ''),
  };
  return { ...settings, ...(ends === null ? {} : healAfter) };
}

/** What each setting of a fault means, for `drill list faults`. */
export function settingWords(kind: FaultKind): Record<string, string> {
  const rows = Object.entries({ at, ...settingsOf(kind) }).map(([key, setting]) => {
    return [key, (setting as z.ZodType).description ?? ''];
  });
  return Object.fromEntries(rows) as Record<string, string>;
}

function formOf(kind: FaultKind) {
  const named = { at, kind: z.literal(kind).describe('What is broken.') };
  return z.strictObject({ ...named, ...settingsOf(kind), disaster });
}

const [first, ...rest] = FAULT_KINDS.map(formOf);
const forms: z.ZodType = z.discriminatedUnion('kind', [first!, ...rest]);
export const fault = forms as z.ZodType<DrillFault>;

/** A fault of no known kind, for what can be said of its keys all the same. */
export const anyFault = z.strictObject({
  at,
  kind: z.unknown().optional(),
  ...(Object.assign({}, ...FAULT_KINDS.toReversed().map(settingsOf)) as z.ZodRawShape),
  disaster,
});
