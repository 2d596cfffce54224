// A problem of the environment as every verb prints it: what was expected, what was found, what to
// type next, and the end of the log of the part that failed.
import type { EnvironmentProblem } from '../host/environment-error.ts';
import { asCalled } from '../screen/command-name.ts';
import type { Paint } from '../screen/paint.ts';
import { printable } from '../screen/text.ts';

/** `environment` says how the user calls drill. */
export function problemLines(
  problem: EnvironmentProblem,
  paint: Paint,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { what, expected, found, hint, log = [] } = problem;
  const lines = [
    `${paint('bad', 'drill:')} ${what}`,
    `  expected: ${expected}`,
    `  found:    ${found}`,
    ...(hint === '' ? [] : [`  try:      ${asCalled(hint, environment)}`]),
    ...log.map((each) => `  │ ${printable(each)}`),
  ];
  return `${lines.join('\n')}\n`;
}
