// A program that reads many mutated drill files as `drill check` does, plans those that are valid, and
// tells how far it is, so that a file that never ends is known, and at the end what went wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../../../src/base/random.ts';
import { explain } from '../../../src/drill/explain/explain.ts';
import { formatDiagnostic, type Diagnostic } from '../../../src/drill/file/diagnostic.ts';
import { parseDrill } from '../../../src/drill/parse-drill.ts';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { planFrom } from '../../../src/drill/plan/read-plan.ts';
import { TOLD_EVERY, type MutantsRead } from './mutants.ts';
import { mutate } from './mutate.ts';

const DRILLS = fileURLToPath(new URL('../../../drills', import.meta.url));
const PROBLEMS_MAX = 20;
const FILE = 'a.yaml';

const texts = readdirSync(DRILLS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((name) => readFileSync(join(DRILLS, name), 'utf8'));

/** The bytes of one; the same each time. */
function mutant(seed: number, number: number): Uint8Array {
  const draw = randomStream(seed * 1_000_003 + number);
  return mutate(texts[number % texts.length]!, draw);
}

function look(bytes: Uint8Array): { readonly isValid: boolean; readonly problems: string[] } {
  const { drill, diagnostics, layers } = parseDrill({ file: FILE, bytes });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const problems = errors.filter((each) => !isPlaced(each)).map((each) => formatDiagnostic(each));
  for (const each of diagnostics) formatDiagnostic(each);
  if (drill === null) {
    return { isValid: false, problems: errors.length > 0 ? problems : ['no drill and no error'] };
  }
  const plan = planDrill(drill, 1, '0'.repeat(64));
  describePlan(plan);
  explain(layers, plan);
  const again = planFrom(JSON.parse(JSON.stringify(plan)));
  if ('problem' in again) problems.push(`its plan cannot be read: ${again.problem}`);
  return { isValid: true, problems };
}

/** In a line that there is, or about the file as a whole. */
function isPlaced({ place, path, message }: Diagnostic): boolean {
  if (message === '') return false;
  if (place === null) return path === '';
  return place.line >= 1 && place.column >= 1 && place.length >= 1;
}

const [count, seed] = process.argv.slice(2).map(Number) as [number, number];
const read: MutantsRead = { valid: 0, refused: 0, problems: [] };
for (let number = 0; number < count && read.problems.length < PROBLEMS_MAX; number++) {
  if (number % TOLD_EVERY === 0) await tell(number);
  const bytes = mutant(seed, number);
  try {
    const { isValid, problems } = look(bytes);
    if (isValid) read.valid++;
    else read.refused++;
    for (const each of problems) read.problems.push(`file ${number}: ${each}`);
  } catch (error) {
    const text = Buffer.from(bytes).toString();
    read.problems.push(`file ${number}: ${(error as Error).stack ?? String(error)}\n${text}`);
  }
}
await tell(read);

async function tell(message: number | MutantsRead): Promise<void> {
  await new Promise((resolve) => process.send!(message, resolve));
}
