// Which tests belong to `npm test` and which to `npm run test:full`, which is the rest. A file that
// belongs to both takes `it` from here in place of mocha's. `TEST_COMMAND=all npx mocha FILE` runs
// the tests of both.
import type { Context } from 'mocha';

const asked = process.env['TEST_COMMAND'] ?? 'test';

type Define = (title: string, run: (this: Context) => void | Promise<void>) => void;

function when(isAsked: boolean): Define {
  return (title, run) => {
    if (isAsked) globalThis.it(title, run);
  };
}

const inTest = when(asked !== 'full');
const inFull = when(asked !== 'test');

/** Defines a test of `npm test`; `it.full` one of `npm run test:full`. */
export const it: Define & { readonly full: Define } = Object.assign(when(asked !== 'full'), {
  full: inFull,
});

/**
 * Each of them with the `it` of its command: the first `few` belong to `npm test`, the others to
 * `npm run test:full`.
 */
export function some<T>(all: readonly T[], few: number): (readonly [T, Define])[] {
  return all.map((each, at) => [each, at < few ? inTest : inFull] as const);
}
