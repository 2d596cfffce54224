// How long the command takes to begin: `drill --help` beside Node itself, and `drill check` beside
// what another tool takes to validate an experiment. In turn, and the ratio is that of the medians.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostNow } from '../src/host/clock.ts';
import { findProgram } from '../src/host/files.ts';
import { ROOT } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const ROUNDS = 15;
const HELP_MOST = 2.5;
const CHECK_MOST = 1;

const DRILL = join(ROOT, 'bin', 'drill.js');

/** What region-outage says, as Chaos Toolkit would have it. */
const EXPERIMENT = {
  title: 'Region outage',
  description: 'Lose east; west takes over.',
  configuration: { rto: 15 },
  'steady-state-hypothesis': {
    title: 'orders are served',
    probes: ['east', 'west'].map((region, at) => ({
      type: 'probe',
      name: `${region}-answers`,
      tolerance: 200,
      provider: { type: 'http', url: `http://127.0.0.1:808${at}/readyz`, timeout: 1 },
    })),
  },
  method: [{ ...action('lose-region-east'), pauses: { after: 2 } }, action('promote-west')],
  rollbacks: [action('heal-east')],
};

function action(name: string) {
  return { type: 'action', name, provider: { type: 'process', path: 'true' } };
}

/** Takes about 20 s. */
export async function benchStart(report: (line: BenchLine) => void): Promise<void> {
  const node = [process.execPath, '-e', '0'];
  const help = [process.execPath, DRILL, '--help'];
  compare('drill --help', help, 'node -e 0', node, HELP_MOST, report);
  const chaos = findProgram('chaos', process.env['PATH']);
  if (chaos === null) {
    const name = 'drill check beside chaos validate: not measured, there is no chaos on PATH';
    report({ name, measured: 0, unit: 'ratio', ok: null });
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'drill-bench-'));
  try {
    const file = join(folder, 'experiment.json');
    writeFileSync(file, JSON.stringify(EXPERIMENT));
    const log = ['--log-file', join(folder, 'log')];
    const validate = [chaos, '--no-version-check', ...log, 'validate', file];
    const drill = join(ROOT, 'drills', 'region-outage.yaml');
    const check = [process.execPath, DRILL, 'check', drill];
    compare('drill check', check, 'chaos validate', validate, CHECK_MOST, report);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await Promise.resolve();
}

function compare(
  name: string,
  command: readonly string[],
  peerName: string,
  peer: readonly string[],
  most: number,
  report: (line: BenchLine) => void,
): void {
  for (const each of [command, peer]) spent(each); // what the disk has not in memory yet
  const own: number[] = [];
  const others: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(spent(command));
    others.push(spent(peer));
  }
  const [ms, peerMs] = [median(own), median(others)];
  report({
    name,
    measured: ms,
    unit: 'ms',
    peer: { name: peerName, value: peerMs },
    ok: null,
  });
  const ratio = ms / peerMs;
  const limit = { relation: '<=', value: most } as const;
  report({ name: `${name} / ${peerName}`, measured: ratio, unit: '×', limit, ok: ratio <= most });
}

/** Milliseconds of a command that must succeed. */
function spent([program = '', ...args]: readonly string[]): number {
  const began = hostNow();
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const ms = hostNow() - began;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`);
  return ms;
}
