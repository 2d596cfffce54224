// `npm run bench [NAME…] [-- --peer DIR]`: every figure beside its limit or its peer from the same run. Exits with
// 1 when one misses its limit; none of this is part of the tests, which a busy machine must not
// fail.
import { parseArgs } from 'node:util';
import type { BenchLine } from './bench-line.ts';
import { benchAttached } from './attached.ts';
import { benchCompose } from './compose.ts';
import { benchHistory } from './history.ts';
import { benchJudge } from './judge.ts';
import { benchPromote } from './promote.ts';
import { benchOverload } from './overload.ts';
import { benchProxy } from './proxy.ts';
import { benchReports } from './reports.ts';
import { benchRestore } from './restore.ts';
import { benchRestoreTools } from './restore-tools.ts';
import { benchSeries } from './series.ts';
import { benchServe } from './serve.ts';
import { benchStart } from './start.ts';
import { benchStrategies } from './strategies.ts';
import { benchTruth } from './truth.ts';
import { benchWholeRun } from './whole-run.ts';
import { benchWorkload } from './workload.ts';

/** `peer` is another built checkout, for whoever compares with one. */
type Bench = (report: (line: BenchLine) => void, peer: string | null) => Promise<void>;

const BENCHES: Readonly<Record<string, Bench>> = {
  'whole-run': benchWholeRun,
  series: benchSeries,
  start: benchStart,
  promote: benchPromote,
  workload: benchWorkload,
  overload: benchOverload,
  truth: benchTruth,
  judge: benchJudge,
  reports: benchReports,
  history: benchHistory,
  serve: benchServe,
  proxy: benchProxy,
  restore: benchRestore,
  'restore-tools': benchRestoreTools,
  strategies: benchStrategies,
  compose: benchCompose,
  attached: benchAttached,
};

const USAGE = `npm run bench -- [NAME…] [--peer DIR]
  NAME  ${Object.keys(BENCHES).join(', ')}; all of them where none is named
  DIR   another built checkout, for the benchmarks that compare with one`;

const { values, positionals: wanted } = readWords();
if (values.help === true) {
  console.log(USAGE);
  process.exit(0);
}
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(
    `no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`,
  );
  process.exit(2);
}

let isMissed = false;
for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
  console.log(name);
  await BENCHES[name]!((line) => {
    isMissed ||= line.ok === false;
    console.log(`  ${describe(line)}`);
  }, values.peer ?? null);
}
process.exitCode = isMissed ? 1 : 0;

function readWords() {
  const options = { peer: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function describe({ name, measured, unit, peer, limit, ok }: BenchLine): string {
  const beside = peer === undefined ? [] : [`${peer.name} ${show(peer.value)} ${unit}`];
  const within =
    limit === undefined ? [] : [`limit ${limit.relation} ${show(limit.value)} ${unit}`];
  const mark = ok === null ? ' ' : ok ? '✓' : '✗';
  const context = [...beside, ...within].join(', ');
  return `${mark} ${name}: ${show(measured)} ${unit}${context === '' ? '' : ` (${context})`}`;
}

function show(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
