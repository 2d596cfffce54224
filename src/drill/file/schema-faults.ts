// The faults in the drill file's schema: one form for each kind, from its definition.
import * as z from 'zod';
import { definitionOf, FAULT_KINDS, type DrillFault, type FaultKind } from '../fault/registry.ts';
import { condition } from '../condition.ts';
import { duration, moment, whole } from '../fields.ts';

const at = moment('1h')
  .prefault('0s')
  .describe(
    'When, after the steady state: a time; a range that the seed draws from (it is 1 unless ' +
      '`--seed` says otherwise); or `beforehand`.',
  );
const waiting = {
  when: condition
    .optional()
    .describe('It waits from `at` on until this holds, such as `replication_lag > 1MB`.'),
  wait_at_most: duration('1s', '1h')
    .optional()
    .describe('How long it waits for `when`; then the run is inconclusive. Default: 1m.'),
};
const repeat = z
  .strictObject({
    times: whole(2, 100).describe('How often in all.'),
    every: duration('100ms', '1h').describe('From the beginning of one to that of the next.'),
  })
  .optional()
  .describe('It comes more than once.');
const disaster = z
  .boolean()
  .optional()
  .describe(
    'The clock of the recovery time starts here. Default: the first fault that stops something.',
  );

/** What the keys of its own that a fault of that kind has may hold. */
export function faultSettings(kind: FaultKind): z.ZodRawShape {
  const { settings, ends } = definitionOf(kind);
  if (ends === null) return settings;
  const lasts = duration('100ms', '1h').optional().describe(ends);
  return { ...settings, for: lasts };
}

function formOf(kind: FaultKind) {
  const named = z.literal(kind).describe('What is broken.');
  return z.strictObject({ at, kind: named, ...faultSettings(kind), ...waiting, repeat, disaster });
}

const [first, ...rest] = FAULT_KINDS.map(formOf);
const forms: z.ZodType = z.discriminatedUnion('kind', [first!, ...rest]);
export const fault = forms as z.ZodType<DrillFault>;

/** A fault of no known kind, for what can be said of its keys all the same. */
export const anyFault = z
  .strictObject({
    at,
    kind: z.unknown(),
    ...(Object.assign({}, ...FAULT_KINDS.toReversed().map(faultSettings)) as z.ZodRawShape),
    ...waiting,
    repeat,
    disaster,
  })
  .partial();

/** The keys that every fault has besides its kind and its own. */
export const COMMON_SETTINGS: z.ZodRawShape = { at, ...waiting, repeat, disaster };
