// `npm test`: builds; then formatting, lint, dead code, types and the suites that judge no times, two
// at a time; then the suites that need the machine for themselves, one after the other. Each goes to
// its end whatever failed before. `npm run test:full` runs the rest of the tests. Which suite belongs
// where and how long it may take says `test/shares.json`. Tools count as one check each, and so does
// keeping to the shares; the last line is `N passed, N failed`. Arguments name test files, which run
// alone.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { budgetOf, lanesOf, measureScale, overdrawn } from './support/runner/shares.js';
import { ENDED } from './support/summary-reporter.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const TOOL_AT_MOST_MS = 600_000;
/** Nobody waits for ever for tests that hang. */
const BUDGETS_AT_MOST = 6;
const SLOWEST = 10;

const BUILD = ['build', process.execPath, [join(root, 'bin', 'build.js')]];
const TOOLS = [
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['types', bin('tsc'), []],
  ['dead code', bin('knip'), []],
];

const args = process.argv.slice(2);
const command = args.includes('--full') ? 'full' : 'test';
const named = args.filter((arg) => arg !== '--full');
const table = JSON.parse(readFileSync(join(root, 'test', 'shares.json'), 'utf8'));

const began = Date.now();
const failures = [];
const skipped = [];
const total = { passed: 0, failed: 0 };
/** Seconds of each suite that ended, and of each file. */
const suites = [];
const files = new Map();

const { beside, alone } = plan();
const scaleBefore = measureScale();
await check(BUILD);
const waiting = [
  ...(named.length === 0 && command === 'test' ? TOOLS.map((tool) => () => check(tool)) : []),
  ...beside.map((part) => () => runTests(part)),
];
await Promise.all([work(), work()]);
if (alone.length > 0) await runTests(alone);
if (named.length === 0) checkShares();
report();

/** The test files, in their two lanes; those that are named run alone. */
function plan() {
  if (named.length > 0) return { beside: [], alone: named };
  const found = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`);
  return lanesOf(table, found.toSorted(), command);
}

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
}

function start(program, its, timeout, stdio) {
  const env = { ...process.env, TEST_COMMAND: command };
  return spawn(program, its, { cwd: root, env, stdio, timeout });
}

function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : (code ?? signal)));
  });
}

async function check([title, program, its]) {
  const at = Date.now();
  const child = start(program, its, TOOL_AT_MOST_MS, ['ignore', 'pipe', 'pipe']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output += chunk.toString()));
  }
  const problem = await ended(child);
  count(title, problem === null, at);
  if (problem !== null) console.log(`${output}\n${title} ended with ${problem}`);
}

function count(title, isFine, at) {
  console.log(`${isFine ? 'ok    ' : 'FAILED'}  ${title}  ${secondsSince(at)} s`);
  if (isFine) total.passed++;
  else {
    total.failed++;
    failures.push({ title, why: 'see its output above' });
  }
}

/**
 * Shows what mocha's reporter says as it comes and adds up what it counted. Without the word that it
 * is over, mocha itself failed, and that is one failure more.
 */
async function runTests(its) {
  const at = Date.now();
  const reporter = join(root, 'test', 'support', 'summary-reporter.js');
  const limit = BUDGETS_AT_MOST * Math.max(300, budgetOf(table, command)) * 1_000;
  const mocha = start(bin('mocha'), ['--reporter', reporter, ...its], limit, [
    'ignore',
    'pipe',
    'inherit',
  ]);
  const over = ended(mocha);
  let isOver = false;
  let failed = 0;
  for await (const line of createInterface({ input: mocha.stdout })) {
    if (!line.startsWith(ENDED)) {
      console.log(line);
      continue;
    }
    const suite = JSON.parse(line.slice(ENDED.length));
    if (suite.isOver === true) isOver = true;
    else {
      take(suite);
      failed += suite.failed;
    }
  }
  const problem = await over;
  const isBroken = !isOver || (problem !== null && failed === 0);
  if (isBroken) total.failed++;
  const why = isOver ? `mocha ended with ${problem}` : 'mocha ended before its tests did';
  if (isBroken) failures.push({ title: 'tests', why });
  console.log(`${isBroken || failed > 0 ? 'FAILED' : 'ok    '}  tests  ${secondsSince(at)} s`);
}

function take({ title, file, passed, failed, skipped: left, failures: its, seconds }) {
  total.passed += passed;
  total.failed += failed;
  skipped.push(...left);
  failures.push(...its);
  const path = file === null ? '' : relative(root, file);
  suites.push({ title: title === '' ? path : title, seconds });
  files.set(path, (files.get(path) ?? 0) + seconds);
  const what = `${passed + failed} in ${seconds.toFixed(1)} s`;
  const when = `${Math.round((Date.now() - began) / 1000)} s`.padStart(6);
  console.log(`${when}  ${failed > 0 ? 'FAILED' : 'ok'}  ${title}: ${what}`);
}

function checkShares() {
  const at = Date.now();
  const scale = Math.max(scaleBefore, measureScale());
  const problems = overdrawn(table, command, files, scale);
  count('shares', problems.length === 0, at);
  for (const problem of problems) console.log(`        ${problem}`);
}

function report() {
  console.log('slowest:');
  for (const { title, seconds } of suites
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST)) {
    console.log(`${seconds.toFixed(1).padStart(8)} s  ${title}`);
  }
  for (const { title, reason } of skipped) console.log(`skipped  ${title}: ${reason}`);
  // Last, since the middle of a long output is what gets cut.
  for (const { title, why } of failures) console.log(`FAILED  ${title}: ${why}`);
  console.log(`${secondsSince(began)} s`);
  const withSkips = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  console.log(`${total.passed} passed, ${total.failed} failed${withSkips}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function secondsSince(at) {
  return ((Date.now() - at) / 1000).toFixed(1);
}
