// The reporter of mocha for `test/run.js`: a line per suite that passed, a line per failure with
// its error, skips with their reasons, and the counts as one JSON line at the end, which the runner
// adds up. A test or suite that skips puts its reason into `skipReason`.
import mocha from 'mocha';

const {
  EVENT_RUN_END,
  EVENT_SUITE_BEGIN,
  EVENT_SUITE_END,
  EVENT_TEST_FAIL,
  EVENT_TEST_PASS,
  EVENT_TEST_PENDING,
} = mocha.Runner.constants;

/** Begins the line that `test/run.js` looks for. */
export const COUNTS = 'mocha-counts ';

/** Called by mocha as a constructor. */
export default function SummaryReporter(runner) {
  const counts = { passed: 0, failed: 0, skipped: [] };
  runner.on(EVENT_TEST_PASS, () => counts.passed++);
  runner.on(EVENT_TEST_PENDING, (test) => {
    counts.skipped.push({ title: test.fullTitle(), reason: reasonOf(test) });
  });
  runner.on(EVENT_TEST_FAIL, (test, error) => {
    counts.failed++;
    console.log(`\nFAILED  ${test.fullTitle()}`);
    console.log(`        ${test.file ?? ''}`);
    console.log(indent(describe(error)));
  });
  let begun = null;
  runner.on(EVENT_SUITE_BEGIN, (suite) => {
    if (suite.parent?.root) begun = { ...counts, at: Date.now() };
  });
  runner.on(EVENT_SUITE_END, (suite) => {
    if (!suite.parent?.root || counts.failed > begun.failed) return;
    const seconds = ((Date.now() - begun.at) / 1000).toFixed(1);
    console.log(`  ok  ${suite.title}: ${counts.passed - begun.passed} in ${seconds} s`);
  });
  runner.on(EVENT_RUN_END, () => console.log(COUNTS + JSON.stringify(counts)));
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

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function indent(text) {
  return text.replaceAll(/^/gm, '        ');
}
