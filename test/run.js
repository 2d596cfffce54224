// `npm test`: builds, then formatting, lint, dead code, types and the tests, each to its end
// whatever failed before. Tools count as one check each; the last line is `N passed, N failed`.
// Arguments name test files, which run alone.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { COUNTS } from './support/summary-reporter.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const TOOL_AT_MOST_MS = 180_000;
const TESTS_AT_MOST_MS = 4_800_000;

const TOOLS = [
  ['build', process.execPath, [join(root, 'bin', 'build.js')]],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['dead code', bin('knip'), []],
  ['types', bin('tsc'), []],
];

const files = process.argv.slice(2);
/** @type {{ title: string, reason: string }[]} */
const skipped = [];
const total = { passed: 0, failed: 0 };
const failures = [];

for (const [title, command, args] of files.length === 0 ? TOOLS : TOOLS.slice(0, 1)) {
  const { isFine, seconds, output } = run(command, args, TOOL_AT_MOST_MS);
  console.log(`${isFine ? 'ok    ' : 'FAILED'}  ${title}  ${seconds} s`);
  if (isFine) total.passed++;
  else {
    total.failed++;
    failures.push(title);
    console.log(output);
  }
}
await runTests();
report();

function run(command, args, timeout) {
  const started = Date.now();
  const ended = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const why = ended.error === undefined ? '' : `\n${ended.error.message}`;
  const output = `${ended.stdout ?? ''}${ended.stderr ?? ''}${why}`;
  return { isFine: ended.status === 0, seconds, output };
}

/**
 * Shows what mocha's reporter says as it comes and adds up what it counted. Without its counts,
 * mocha itself failed, and that is one failure more.
 */
async function runTests() {
  const started = Date.now();
  const reporter = join(root, 'test', 'support', 'summary-reporter.js');
  const wanted = files.length === 0 ? ['test/**/*.test.ts'] : files;
  const mocha = spawn(bin('mocha'), ['--reporter', reporter, ...wanted], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TESTS_AT_MOST_MS,
  });
  let counts = null;
  for await (const line of createInterface({ input: mocha.stdout })) {
    if (line.startsWith(COUNTS)) counts = JSON.parse(line.slice(COUNTS.length));
    else console.log(line);
  }
  const code = mocha.exitCode ?? (await new Promise((resolve) => mocha.once('close', resolve)));
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  skipped.push(...(counts?.skipped ?? []));
  const isBroken = counts === null || (code !== 0 && counts.failed === 0);
  if (isBroken) total.failed++;
  const isFine = code === 0 && !isBroken;
  if (!isFine) failures.push('tests');
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${isFine ? 'ok    ' : 'FAILED'}  tests  ${seconds} s`);
}

function report() {
  for (const { title, reason } of skipped) console.log(`skipped  ${title}: ${reason}`);
  if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`);
  const withSkips = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  console.log(`${total.passed} passed, ${total.failed} failed${withSkips}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
