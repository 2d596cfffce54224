// The reporter of mocha for `test/run.js`: each failure with its error as it comes, and one JSON line
// for each suite that has ended, which the runner shows and adds up. A test or suite that skips puts
// its reason into `skipReason`.
import { inspect } from 'node:util';
import mocha from 'mocha';

const {
  EVENT_RUN_END,
  EVENT_SUITE_BEGIN,
  EVENT_SUITE_END,
  EVENT_TEST_FAIL,
  EVENT_TEST_PASS,
  EVENT_TEST_PENDING,
} = mocha.Runner.constants;

/** Begins the lines that `test/run.js` looks for. */
export const ENDED = 'mocha-ended ';

/** Called by mocha as a constructor. */
export default function SummaryReporter(runner) {
  // Tests that stand in no suite run first, and count as a suite without a title.
  let counts = fresh('');
  const isOutermost = (suite) => suite.parent?.root === true;
  const end = () => console.log(ENDED + JSON.stringify(counts.close()));
  runner.on(EVENT_TEST_PASS, (test) => counts.add('passed', test));
  runner.on(EVENT_TEST_PENDING, (test) => {
    counts.skipped.push({ title: test.fullTitle(), reason: reasonOf(test) });
  });
  runner.on(EVENT_TEST_FAIL, (test, error) => {
    counts.add('failed', test);
    counts.failures.push({ title: test.fullTitle(), why: firstLine(error) });
    console.log(`\nFAILED  ${test.fullTitle()}`);
    console.log(`        ${test.file ?? ''}`);
    console.log(indent(describe(error)));
  });
  runner.on(EVENT_SUITE_BEGIN, (suite) => {
    if (!isOutermost(suite)) return;
    if (counts.title === '' && counts.passed + counts.failed > 0) end();
    counts = fresh(suite.title, suite.file);
  });
  runner.on(EVENT_SUITE_END, (suite) => {
    if (!isOutermost(suite)) return;
    end();
    counts = fresh('');
  });
  runner.on(EVENT_RUN_END, () => {
    if (counts.passed + counts.failed > 0) end();
    console.log(`${ENDED}{"isOver":true}`);
  });
}

function fresh(title, file = null) {
  const began = Date.now();
  return {
    title,
    file,
    passed: 0,
    failed: 0,
    skipped: [],
    failures: [],
    add(what, test) {
      this[what]++;
      this.file ??= test.file ?? null;
    },
    close() {
      const { file: inFile, passed, failed, skipped, failures } = this;
      const seconds = (Date.now() - began) / 1000;
      return { title: this.title, file: inFile, passed, failed, skipped, failures, seconds };
    },
  };
}

/** Its own, or that of the suite that was skipped as a whole. */
function reasonOf(test) {
  for (let at = test; at !== undefined; at = at.parent) {
    if (at.skipReason !== undefined) return at.skipReason;
  }
  return 'no reason given';
}

function describe(error) {
  const compared =
    error.expected === undefined
      ? ''
      : `\nexpected: ${shown(error.expected)}\nactual:   ${shown(error.actual)}`;
  return `${error.stack ?? error}${compared}`;
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n', 1)[0];
}

/** Whatever a test compares, also what JSON has no word for: a big integer, a circle. */
function shown(value) {
  return typeof value === 'string' ? value : inspect(value, { depth: 10, maxArrayLength: 1_000 });
}

function indent(text) {
  return text.replaceAll(/^/gm, '        ');
}
