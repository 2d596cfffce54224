// Makes every check and says what came of it.
import { EnvironmentError } from '../host/environment-error.ts';
import type { DoctorCheck, DoctorContext, Finding } from './check.ts';

export interface Examined extends Finding {
  readonly name: string;
}

/**
 * One after the other, so that none disturbs the next; a check that breaks is a problem, not the
 * end.
 */
export async function examine(
  checks: readonly DoctorCheck[],
  context: DoctorContext,
): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const check of checks) {
    const finding = await check.look(context).catch(broken);
    examined.push({ name: check.name, ...finding });
  }
  return examined;
}

function broken(error: unknown): Finding {
  if (error instanceof EnvironmentError) {
    const { what, expected, found, hint } = error.problem;
    return { state: 'problem', found: `${what}: expected ${expected}, found ${found}`, fix: hint };
  }
  const message = (error as Error).message;
  return { state: 'problem', found: message, fix: 'make this work, then run drill doctor again' };
}
