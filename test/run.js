// `npm test`: builds, then formatting, lint, dead code, types and the tests, each to its end
// whatever failed before. Tools count as one check each; the last line is `N passed, N failed`.
// Arguments name test files, which run alone.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { COUNTS } from './support/summary-reporter.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const TOOL_AT_MOST_MS = 180_000;
const TESTS_AT_MOST_MS = 4_800_000;

/** Whole drills: their times are judged, so they run one after the other and before all others. */
const DRILLS = 'test/{compose,drills,embedded,truth}/**/*.test.ts';
/** The tests beside them take what processor time the drills leave. */
const LEAST_FAVOURED = 19;
/** A disk that both wait for would be a way to disturb each other all the same. */
const MEMORY_DISK = '/dev/shm';
const MEMORY_DISK_BYTES = 4 * 1024 ** 3;

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
const began = Date.now();
const areFine = await (files.length > 0 ? runTests(files) : runAllTests());
if (!areFine) failures.push('tests');
const seconds = ((Date.now() - began) / 1000).toFixed(1);
console.log(`${areFine ? 'ok    ' : 'FAILED'}  tests  ${seconds} s`);
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

/** Drills, and all other tests: beside them where that cannot slow them down, else after them. */
async function runAllTests() {
  const others = ['test/**/*.test.ts', '--ignore', DRILLS];
  if (!isNicenessHeeded()) {
    const fine = await runTests([DRILLS]);
    return (await runTests(others)) && fine;
  }
  const env = hasMemoryDisk() ? { ...process.env, TMPDIR: MEMORY_DISK } : process.env;
  const beside = { env, niceness: LEAST_FAVOURED };
  return (await Promise.all([runTests([DRILLS]), runTests(others, beside)])).every(Boolean);
}

/**
 * Linux shares processors between sessions first, where it groups them, and every drill has its
 * own; elsewhere niceness counts between any two processes.
 */
function isNicenessHeeded() {
  const groups = '/proc/sys/kernel/sched_autogroup_enabled';
  return !existsSync(groups) || readFileSync(groups, 'utf8').trim() === '0';
}

function hasMemoryDisk() {
  try {
    accessSync(MEMORY_DISK, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(MEMORY_DISK);
    return bavail * bsize >= MEMORY_DISK_BYTES;
  } catch {
    return false;
  }
}

/**
 * Shows what mocha's reporter says as it comes and adds up what it counted; resolves to whether all
 * is well. Without its counts, mocha itself failed, and that is one failure more.
 */
async function runTests(wanted, { env = process.env, niceness = 0 } = {}) {
  const reporter = join(root, 'test', 'support', 'summary-reporter.js');
  const mocha = spawn(bin('mocha'), ['--reporter', reporter, ...wanted], {
    ...{ cwd: root, env, timeout: TESTS_AT_MOST_MS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (niceness > 0) setPriority(mocha.pid, niceness);
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
  return code === 0 && !isBroken;
}

function report() {
  for (const { title, reason } of skipped) console.log(`skipped  ${title}: ${reason}`);
  if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`);
  const withSkips = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  console.log(`${total.passed} passed, ${total.failed} failed${withSkips}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
