// Plans out of drill files that stand in tests.
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { parseDrill } from '../../../src/drill/parse-drill.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';

/** Throws what is wrong with the file. */
export function planOf(text: string, seed = 1): Plan {
  const { drill, diagnostics } = parseDrill({
    file: 't.yaml',
    bytes: new TextEncoder().encode(text),
  });
  if (drill === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return planDrill(drill, seed, '0'.repeat(64));
}
