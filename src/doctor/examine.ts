// Makes checks and says what came of them.
import { EnvironmentError } from '../host/environment-error.ts';
import {
  isNeeded,
  type DoctorCheck,
  type DoctorContext,
  type Examined,
  type Finding,
} from '../topology/machine-check.ts';

const SIGNS = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' } as const;
const NOT_NEEDED = 'not needed';

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
    const needed = isNeeded(check, context.needs);
    const { name } = check;
    const seen = await check.look(context, needed).then(
      (finding): Examined => ({ name, needed, problem: null, ...finding }),
      (error: unknown): Examined => ({ name, needed, ...broken(error) }),
    );
    examined.push(seen);
  }
  return examined;
}

function broken(error: unknown): Finding & Pick<Examined, 'problem'> {
  if (error instanceof EnvironmentError) {
    const { what, expected, found, hint } = error.problem;
    const text = `${what}: expected ${expected}, found ${found}`;
    return { state: 'problem', found: text, fix: hint, problem: error.problem };
  }
  const message = (error as Error).message;
  const fix = 'make this work, then run drill doctor again';
  return { state: 'problem', found: message, fix, problem: null };
}

/** Whether something that is needed is missing. */
export function isSick(examined: readonly Examined[]): boolean {
  return examined.some(({ needed, state }) => needed && state === 'problem');
}

/**
 * The quick checks that the drill needs, before anything is started; rejects with an
 * `EnvironmentError` that shows the same lines as `drill doctor`.
 */
export async function requireHealth(
  checks: readonly DoctorCheck[],
  context: DoctorContext,
): Promise<void> {
  const quick = checks.filter((check) => check.isQuick && isNeeded(check, context.needs));
  const examined = await examine(quick, context);
  const problems = examined.filter(({ state }) => state === 'problem');
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1 && first.problem !== null) throw new EnvironmentError(first.problem);
  throw new EnvironmentError({
    what: problems.map(({ name }) => name).join(', '),
    expected: 'all that this drill needs',
    found: problems.map(({ found }) => found).join('; '),
    hint: problems.map(({ fix }) => fix).join('; '),
    log: findingLines(problems),
  });
}

/** A problem of what the drill can do without is no more than a remark. */
export function findingLines(examined: readonly Examined[]): string[] {
  const width = Math.max(...examined.map(({ name }) => name.length));
  const signs = examined.map(({ state, needed }) =>
    state !== 'ok' && !needed ? NOT_NEEDED : SIGNS[state],
  );
  const signWidth = Math.max(...signs.map((sign) => sign.length));
  return examined.map(({ name, found, fix }, i) => {
    const advice = fix === null ? '' : `; fix: ${fix}`;
    return `${signs[i]!.padEnd(signWidth)}  ${name.padEnd(width)}  ${found}${advice}`;
  });
}
