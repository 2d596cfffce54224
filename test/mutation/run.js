// `npm run test:mutation`: Stryker changes the code that measures and judges, one place at a time,
// and runs the unit tests of its room against each change. A change that no test notices survives:
// either a test is missing, or it means the same, and `equivalent.json` says why. Arguments name
// files or folders of these rooms. Each file is a run of its own, so that only it is slowed down by
// the changes it carries; what did not change since the last time is not tried again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const reports = join(root, 'coverage', 'mutation');

/** Not in package.json, where each `npm ci` would fetch them: a hundred packages for one command. */
const PACKAGES = [
  '@stryker-mutator/core@9.6.1',
  '@stryker-mutator/mocha-runner@9.6.1',
  'mocha@11.8.0', // the newest that this runner takes
];
const LEAST_PERCENT = 90;

/** The tests of each room; what joins the rooms of `src/measure/` has its own. */
const ROOMS = {
  'src/measure/service': ['test/measure/service/*.test.ts'],
  'src/measure/loss': ['test/measure/loss/*.test.ts'],
  'src/measure/failback': ['test/measure/failback/*.test.ts'],
  'src/measure/journal': ['test/measure/journal/*.test.ts'],
  'src/measure/operations': ['test/measure/operations/*.test.ts'],
  'src/measure/causes': ['test/measure/causes/*.test.ts'],
  'src/measure': ['test/measure/*.test.ts'],
  'src/verdict': ['test/verdict/*.test.ts'],
  // Not fuzz and corpus: they hold whole runs, and take seconds for each change.
  'src/evidence': ['test/evidence/!(corpus|fuzz).test.ts', 'test/evidence/ledger/*.test.ts'],
  'src/evidence/pack': ['test/evidence/pack/*.test.ts'],
  'src/recovery': ['test/recovery/*.test.ts'],
};
/** What the tests need to run in a copy. */
const copied = ['src', 'test', 'docs', 'drills', 'package.json'];
const isMutated = (file) => !file.startsWith('src/recovery/') || file.endsWith('/fence.ts');

const known = JSON.parse(readFileSync(join(root, 'test', 'mutation', 'equivalent.json'), 'utf8'));
const rooms = Object.keys(ROOMS).toSorted((a, b) => b.length - a.length);
const roomOf = (file) => rooms.find((room) => file.startsWith(`${room}/`));
const wanted = process.argv.slice(2);
const files = rooms
  .flatMap((room) => {
    const names = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' });
    return names.map((name) => `${room}/${name}`).filter((file) => roomOf(file) === room);
  })
  .filter((file) => file.endsWith('.ts') && isMutated(file))
  .filter((file) => wanted.length === 0 || wanted.some((path) => file.startsWith(path)))
  .toSorted();
if (files.length === 0) {
  console.error(`test:mutation: none of these is in a room it knows: ${wanted.join(', ')}`);
  process.exit(2);
}

mkdirSync(reports, { recursive: true });
const mutants = files.flatMap((file) => {
  const its = mutantsOf(file);
  report(file, its); // at once: all of them take hours
  return its;
});
const counted = files.map(roomOf).filter((room, at, all) => all.indexOf(room) === at);
const isEnough = counted
  .map((room) =>
    report(
      room,
      mutants.filter((mutant) => roomOf(mutant.file) === room),
    ),
  )
  .every((percent) => percent >= LEAST_PERCENT);
const stale = known.filter(({ file }) => files.includes(file)).filter((each) => !isFound(each));
for (const { file, from, to } of stale) {
  console.log(`equivalent.json names what did not survive: ${file}: ${from} -> ${to}`);
}
process.exitCode = isEnough && stale.length === 0 ? 0 : 1;

/** Runs Stryker on a file. */
function mutantsOf(file) {
  const name = file.replaceAll('/', '-');
  const result = join(reports, `${name}.json`);
  const config = join(reports, `${name}.config.json`);
  const sandbox = join(tmpdir(), `drill-mutation-${process.pid}`);
  writeFileSync(config, JSON.stringify(configFor(file, { name, result, sandbox })));
  rmSync(result, { force: true });
  const packages = PACKAGES.flatMap((each) => ['-p', each]);
  const args = ['--yes', ...packages, 'stryker', 'run', config];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: ['ignore', 2, 2] });
  rmSync(sandbox, { recursive: true, force: true });
  if (!existsSync(result)) {
    console.error(`test:mutation: Stryker ended with ${status} and said nothing of ${file}`);
    process.exit(1);
  }
  const { source, mutants } = JSON.parse(readFileSync(result, 'utf8')).files[file] ?? {};
  return (mutants ?? []).map((mutant) => ({
    file,
    line: mutant.location.start.line,
    from: textAt(source, mutant.location),
    to: mutant.replacement,
    status: mutant.status,
  }));
}

function configFor(file, { name, result, sandbox }) {
  return {
    testRunner: 'mocha',
    testRunnerNodeArgs: ['--import=tsx/esm'],
    // A test that reads sources would read what Stryker made of them.
    mochaOptions: { spec: ROOMS[roomOf(file)], grep: '^(?!.* by the shape of a condition in )' },
    mutate: [file],
    ignorePatterns: ['*', ...copied.flatMap((path) => [`!${path}`, `!${path}/**`])],
    tsconfigFile: 'none', // Stryker would ask for a TypeScript of its own to read it
    coverageAnalysis: 'perTest',
    concurrency: 1,
    // Endless loops are counted; a time limit is for what waits, however busy the machine is.
    timeoutMS: 20_000,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 20,
    tempDirName: sandbox,
    incremental: true,
    incrementalFile: join(reports, `${name}.incremental.json`),
    reporters: ['json'],
    jsonReporter: { fileName: result },
  };
}

function isKilled({ status }) {
  return status === 'Killed' || status === 'Timeout';
}

function isSame(mutant, { file, from, to }) {
  return mutant.file === file && mutant.from === from && mutant.to === to;
}

function isFound(equivalent) {
  const alike = mutants.filter((mutant) => isSame(mutant, equivalent) && !isKilled(mutant));
  return alike.length >= timesOf(equivalent);
}

/** A line for a file or a room; for a file, what survived and is not named. Returns the per cent. */
function report(what, its) {
  const tried = its.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError');
  const alive = tried.filter((mutant) => !isKilled(mutant));
  const open = notNamed(alive);
  const killed = tried.length - alive.length;
  const due = killed + open.length;
  const percent = due === 0 ? 100 : (100 * killed) / due;
  const named = alive.length - open.length;
  const count = `${killed} of ${due} killed, ${named} named as equivalent`;
  console.log(`${percent.toFixed(1).padStart(6)} %  ${what}: ${count}`);
  if (what.endsWith('.ts')) for (const mutant of open) console.log(`          ${worded(mutant)}`);
  return percent;
}

/** Each entry stands for one of those that look the same, or for as many as it says. */
function notNamed(alive) {
  const left = new Map(known.map((each) => [each, timesOf(each)]));
  return alive.filter((mutant) => {
    const entry = known.find((each) => isSame(mutant, each) && left.get(each) > 0);
    if (entry !== undefined) left.set(entry, left.get(entry) - 1);
    return entry === undefined;
  });
}

function timesOf({ times = 1 }) {
  return times;
}

function worded({ line, from, to, status }) {
  const short = (text) => text.replaceAll(/\s+/g, ' ').slice(0, 70);
  const seen = status === 'NoCoverage' ? ' (no test runs it)' : '';
  return `line ${line}: ${short(from)} -> ${short(to)}${seen}`;
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join('\n');
}
