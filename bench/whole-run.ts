// Whole runs of drills/region-outage.yaml with the built command, as a user has them: how long
// until the first order is acknowledged, and how much longer a run takes than the waits that the
// file itself asks for. The latter stands beside a bare script that starts and stops the same
// system without drill's engine and, with `--peer DIR`, beside another built checkout.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readLedger } from '../src/evidence/ledger/ledger-reader.ts';
import { OUTCOME } from '../src/evidence/ledger/operation.ts';
import { readPlan, runFile } from '../src/evidence/run-files.ts';
import { statedWaitsMs } from '../src/drill/plan/describe-plan.ts';
import { hostNow } from '../src/host/clock.ts';
import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import { prepareBare } from './bare.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';

const ROUNDS = 5;
const BRING_UP_MAX_MS = 1_500;
const BARE_RATIO_MAX = 1.3;
const PEER_RATIO_MAX = 0.5;

/** Takes about 75 s, twice that with a peer. */
export async function benchWholeRun(
  report: (line: BenchLine) => void,
  peer: string | null,
): Promise<void> {
  const place = new Workplace();
  try {
    const bare = await prepareBare(ROOT);
    const checkouts = peer === null ? [ROOT] : [ROOT, peer];
    bare(); // files are in memory from then on
    for (const checkout of checkouts) runOnce(place, checkout, ['--timeout', '2s']);
    const bares: number[] = [];
    const runs: Run[][] = checkouts.map(() => []);
    // In turns, so that all meet the same machine.
    for (let round = 0; round < ROUNDS; round++) {
      bares.push(bare());
      for (const [at, checkout] of checkouts.entries()) runs[at]!.push(timedRun(place, checkout));
    }
    tell(report, bares, runs);
  } finally {
    place.remove();
  }
}

interface Run {
  readonly firstOrder_ms: number;
  readonly overhead_ms: number;
}

function tell(
  report: (line: BenchLine) => void,
  bares: readonly number[],
  [own, peers]: readonly (readonly Run[])[],
): void {
  const firstOrder = median(own!.map((run) => run.firstOrder_ms));
  report({
    name: 'bring-up to the first acknowledged order',
    measured: Math.round(firstOrder),
    unit: 'ms',
    limit: { relation: '<=', value: BRING_UP_MAX_MS },
    ok: firstOrder <= BRING_UP_MAX_MS,
  });
  const name = 'region-outage, wall time minus the waits that the file states';
  const overheads = own!.map((run) => run.overhead_ms);
  const bare = { name: 'the bare script', values: bares };
  report(ratioOf(name, overheads, bare, BARE_RATIO_MAX));
  if (peers === undefined) return;
  const others = peers.map((run) => run.overhead_ms);
  report(ratioOf(name, overheads, { name: 'the peer', values: others }, PEER_RATIO_MAX));
  report(ratioOf('the same of the peer', others, bare, null));
}

/** The median of the ratios within a round: a machine that is slower for a while slows both. */
function ratioOf(
  name: string,
  values: readonly number[],
  peer: { readonly name: string; readonly values: readonly number[] },
  most: number | null,
): BenchLine {
  const ratio = median(values.map((value, round) => value / peer.values[round]!));
  const ms = (of: readonly number[]) => `${Math.round(median(of))} ms`;
  return {
    name: `${name} (${ms(values)}), beside ${peer.name} (${ms(peer.values)})`,
    measured: ratio,
    unit: '×',
    ...(most === null ? {} : { limit: { relation: '<=', value: most } }),
    ok: most === null ? null : ratio <= most,
  };
}

function timedRun(place: Workplace, checkout: string): Run {
  const began = hostNow();
  const { status, stdout, stderr } = runOnce(place, checkout, ['--reporter', 'plain']);
  const wall_ms = hostNow() - began;
  // On a busy machine a run may be inconclusive and still have gone all the way.
  const isWhole = status === 0 || (place.result().recovery?.rto_ms ?? null) !== null;
  if (!isWhole) throw new Error(`the run ended with ${status}:\n${stdout}${stderr}`);
  const directory = place.runs().at(-1)!;
  const { operations } = readLedger(runFile(directory, 'ledger'));
  const first = [...operations.done_ms].reduce(
    (least, done, row) =>
      operations.outcome.at(row) === OUTCOME.acknowledged ? Math.min(least, done) : least,
    Infinity,
  );
  return {
    firstOrder_ms: first, // since the run began: the command itself has loaded by then
    overhead_ms: wall_ms - statedWaitsMs(readPlan(directory)),
  };
}

function runOnce(place: Workplace, checkout: string, flags: readonly string[]) {
  const command = join(checkout, 'bin/drill.js');
  const drill = ['run', `${ROOT}drills/region-outage.yaml`, '--quiet', ...flags];
  const options = { cwd: place.directory, encoding: 'utf8' } as const;
  return spawnSync(process.execPath, [command, ...drill], options);
}
