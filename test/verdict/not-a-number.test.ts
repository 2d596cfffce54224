// A number that is none (NaN) compares with nothing: what leads to a pass has to be true of the
// number, and not merely nothing against it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Figures } from '../../src/drill/measurement.ts';
import { measure } from '../../src/measure/measure.ts';
import { gatesOf } from '../../src/verdict/gates.ts';
import { drive, evidenceOf, goneFor, plan } from '../support/evidence/synthetic.ts';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));
const ROOMS = ['measure', 'verdict', 'drill/gate'];

/**
 * Shapes that NaN goes through as if it were fine. A search sees one line at a time: a limit that is
 * asked the wrong way round and returned from early is for the numbers below to find.
 */
const REFUSED: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a comparison that is negated', /!\((?:(?!=>)[^()&|])*\s[<>]=?\s(?:(?!=>)[^()&|])*\)/],
  ['a pass where a comparison does not hold', /\s[<>]=?\s[^?]*\?(?!\?)[^:]*:[^:]*'pass'/],
  ['a pass after a return of something else', /\s[<>]=?\s.*\breturn\b.*;\s*return\b.*'pass'/],
];

function refusedIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    return REFUSED.flatMap(([what, shape]) =>
      shape.test(line) ? [`${what}: ${line.trim()}`] : [],
    );
  });
}

type Path = readonly string[];

/** The paths of all numbers. */
function numbersIn(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, [...path, key]));
}

function withNumber(figures: Figures, path: Path, number: number): Figures {
  const changed = structuredClone(figures);
  let at: object = changed;
  for (const key of path.slice(0, -1)) at = Reflect.get(at, key) as object;
  Reflect.set(at, path.at(-1)!, number);
  return changed;
}

describe('a number that is none', () => {
  for (const room of ROOMS) {
    it(`is not let through by the shape of a condition in ${room}/`, () => {
      const files = readdirSync(join(SOURCE, room), { recursive: true, encoding: 'utf8' });
      const sources = files.filter((file) => file.endsWith('.ts'));
      expect(sources.length).to.be.above(2);
      const found = sources.flatMap((file) => {
        return refusedIn(readFileSync(join(SOURCE, room, file), 'utf8'));
      });
      expect(found).to.deep.equal([]);
    });
  }

  it('is let through by each shape that is refused', () => {
    for (const line of [
      'if (!(value > limit)) return true;',
      'const isMet = !(high >= target);',
      "return value > limit ? 'fail' : 'pass';",
      "if (value > limit) return 'fail'; return 'pass';",
    ]) {
      expect(refusedIn(line), line).to.have.lengthOf(1);
    }
    for (const line of [
      "return value <= limit ? 'pass' : 'fail';",
      'if (!(await isThere(a))) return;',
      'const isMet = (end: number) => end <= target;',
      'rows.filter((row) => !(row in known));',
    ]) {
      expect(refusedIn(line), line).to.deep.equal([]);
    }
  });

  const figures = measure(evidenceOf({ ops: drive(goneFor(600)) }));
  const lenient = {
    ...plan.targets,
    ...{ rto_ms: 60_000, rpo_ms: 60_000, lost_writes: 1_000, split_brain: 1_000 },
    ...{ p99_latency_ms: 60_000, availability: 0.01 },
  };
  for (const [title, targets] of [
    ['lenient targets', lenient],
    ['targets of zero', { ...lenient, rpo_ms: 0, lost_writes: 0, split_brain: 0 }],
    ['a clock from the declaration', { ...lenient, rto_from: 'declaration' as const }],
  ] as const) {
    it(`passes no gate that it could have changed, with ${title}`, () => {
      const passing = (of: Figures) =>
        gatesOf(targets, of).flatMap(({ name, verdict }) => (verdict === 'pass' ? [name] : []));
      const honest = passing(figures);
      expect(honest).to.include.members(['rto', 'rpo', 'lost_writes', 'split_brain']);
      let decisive = 0;
      for (const path of numbersIn(figures)) {
        const extremes = [1e15, -1e15].map((number) => passing(withNumber(figures, path, number)));
        const asked = honest.filter((gate) => extremes.some((each) => !each.includes(gate)));
        decisive += asked.length;
        const found = passing(withNumber(figures, path, NaN));
        for (const gate of asked) expect(found, path.join('.')).to.not.include(gate);
      }
      expect(decisive).to.be.at.least(8);
    });
  }
});
