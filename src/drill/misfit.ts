// What a file's value is not, and its schema says that it is: where, what was expected, what came.
import type * as z from 'zod';
import { describeInput } from './fields.ts';

export type Fit<T> = { readonly value: T } | { readonly problem: string };

/**
 * The value as the schema reads it, or its first problem: `workload.rate_per_s: expected a number
 * of more than 0, found the number -5`.
 */
export function fitted<S extends z.ZodType>(schema: S, value: unknown): Fit<z.output<S>> {
  const { data, error } = schema.safeParse(value, { error: wordsOf, reportInput: true });
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return { value: data! };
  const { path, message } = issue;
  return { problem: path.length === 0 ? message : `${path.join('.')}: ${message}` };
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
      return 'a value that is allowed';
  }
}
