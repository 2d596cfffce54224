// The faults in the drill file's schema: one form for each kind, from its definition.
import * as z from 'zod';
import { definitionOf, FAULT_KINDS, type DrillFault, type FaultKind } from '../fault/registry.ts';
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
export function faultSettings(kind: FaultKind): z.ZodRawShape {
  const { settings, ends } = definitionOf(kind);
  if (ends === null) return { at, ...settings };
  const lasts = duration('100ms', '1h').optional().describe(ends);
  return { at, ...settings, for: lasts };
}

function formOf(kind: FaultKind) {
  const named = z.literal(kind).describe('What is broken.');
  return z.strictObject({ at, kind: named, ...faultSettings(kind), disaster });
}

const [first, ...rest] = FAULT_KINDS.map(formOf);
const forms: z.ZodType = z.discriminatedUnion('kind', [first!, ...rest]);
export const fault = forms as z.ZodType<DrillFault>;

/** A fault of no known kind, for what can be said of its keys all the same. */
export const anyFault = z.strictObject({
  at,
  kind: z.unknown().optional(),
  ...(Object.assign({}, ...FAULT_KINDS.toReversed().map(faultSettings)) as z.ZodRawShape),
  disaster,
});
