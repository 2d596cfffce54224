// A plan from what stands in a file: it is as its schema says, or what is wrong with it is said.
import type * as z from 'zod';
import { describeInput } from '../fields.ts';
import { laterTargets } from '../gate/targets.ts';
import { fromPlan1, plan1Schema } from './plan-1.ts';
import { planSchema, type Plan } from './plan.ts';

export type PlanRead =
  | { readonly plan: Plan; readonly version: 1 | 2 }
  /** `workload.rate_per_s: expected a number of more than 0, found the number -5` */
  | { readonly problem: string };

/** `found` is what the JSON says, whoever wrote it. Pure. */
export function planFrom(found: unknown): PlanRead {
  const value = withoutUsageRates(found);
  const schema = (value as { readonly schema?: unknown } | null)?.schema;
  const how = { error: wordsOf, reportInput: true };
  if (schema === 'drill.plan/1') {
    const read = plan1Schema.safeParse(value, how);
    const problem = problemOf(read.error);
    return problem === null ? whole(fromPlan1(read.data!), 1) : { problem };
  }
  const problem = problemOf(planSchema.safeParse(value, how).error);
  // As it stands in the file: a hash of it must not depend on the order of keys in the schema.
  return problem === null ? whole(value as Plan, 2) : { problem };
}

/** Prices of a processor's use, of before, make no figure of what is rented. */
function withoutUsageRates(value: unknown): unknown {
  const cost = (value as { readonly cost?: object | null } | null)?.cost ?? {};
  return 'cpu_hour' in cost ? { ...(value as object), cost: null } : value;
}

function whole(plan: Plan, version: 1 | 2): PlanRead {
  const problem = contradictionIn(plan);
  if (problem !== null) return { problem };
  return { plan: { ...plan, targets: laterTargets(plan.targets) }, version };
}

/** What each value may be by itself and all of them together may not. */
function contradictionIn({ regions, replication, faults }: Plan): string | null {
  const names = regions.map((region) => region.name);
  const named = [
    ['replication.from', replication.from],
    ['replication.to', replication.to],
    ...faults.map(({ region }, at) => [`faults.${at}.region`, region]),
  ] as const;
  const unknown = named.find(([, region]) => !names.includes(region));
  if (unknown === undefined) return null;
  const [key, region] = unknown;
  return `${key}: expected ${names.join(' or ')}, found ${describeInput(region)}`;
}

function problemOf(error: z.ZodError | undefined): string | null {
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return null;
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

function wordsOf(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') return `expected no key "${issue.keys.join('", "')}"`;
  return `expected ${expectedBy(issue)}, found ${describeInput(issue.input)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function expectedBy(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_union':
      return `a kind that there is (${issue.discriminator ?? 'any'})`;
    default:
      return 'what a drill file can say';
  }
}
