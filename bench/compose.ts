// The compose runtime: how much longer `drill up` takes than the bare command on the same files,
// how long a whole region-outage takes, and how far apart the containers of a lost region die.
// Needs docker and the images; the images come from the environment (DRILL_IMAGE_…).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostNow } from '../src/host/clock.ts';
import { ROOT, Workplace } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

const ROUNDS = 3;
const UP_RATIO_MAX = 1.15;
const RUN_MAX_MS = 30_000;
const SPREAD_MAX_MS = 100;

const FILE = `${ROOT}drills/region-outage.yaml`;

/** Takes about three minutes. */
export async function benchCompose(report: (line: BenchLine) => void): Promise<void> {
  const place = new Workplace();
  try {
    const bare: number[] = [];
    const up: number[] = [];
    // In turns, so that both meet the same machine.
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(bareUp(round));
      up.push(await drillUp(place));
    }
    // Within a round: a machine that is slower for a while slows both.
    const ratio = median(up.map((ms, round) => ms / bare[round]!));
    const ms = (values: readonly number[]) => `${Math.round(median(values))} ms`;
    report({
      name: `\`drill up\` on compose (${ms(up)}), beside \`docker compose up --wait\` (${ms(bare)})`,
      measured: ratio,
      unit: '×',
      limit: { relation: '<=', value: UP_RATIO_MAX },
      ok: ratio <= UP_RATIO_MAX,
    });
    await benchRuns(place, report);
  } finally {
    place.remove();
  }
}

async function benchRuns(place: Workplace, report: (line: BenchLine) => void): Promise<void> {
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await wholeRun(place));
  const wall_ms = median(runs.map((run) => run.wall_ms));
  report({
    name: 'region-outage on compose, end to end',
    measured: Math.round(wall_ms),
    unit: 'ms',
    limit: { relation: '<=', value: RUN_MAX_MS },
    ok: wall_ms <= RUN_MAX_MS,
  });
  const spread_ms = Math.max(...runs.map((run) => run.spread_ms));
  report({
    name: "from the first to the last container's death, worst of all runs",
    measured: spread_ms,
    unit: 'ms',
    limit: { relation: '<=', value: SPREAD_MAX_MS },
    ok: spread_ms <= SPREAD_MAX_MS,
  });
}

/** The command that a person would type, with the files and services that drill uses. */
function bareUp(round: number): number {
  const project = `drill-bench-${process.pid}-${round}`;
  const compose = (...args: string[]) => {
    const files = ['compose.yaml', 'warm-standby.yaml'].flatMap((name) => [
      '-f',
      join(ROOT, 'compose', name),
    ]);
    const ended = spawnSync('docker', ['compose', '-p', project, ...files, ...args], {
      encoding: 'utf8',
      // The label is not that of a run: `drill clean` has no business with it.
      env: { ...process.env, ...EPHEMERAL, DRILL_RUN: project },
    });
    if (ended.status !== 0) throw new Error(`docker compose ${args[0]}: ${ended.stderr}`);
  };
  const began = hostNow();
  try {
    compose('up', '--detach', '--wait');
    return hostNow() - began;
  } finally {
    compose('down', '--volumes', '--timeout', '0');
  }
}

/** No fixed ports: somebody may have the system up by hand. */
const EPHEMERAL = Object.fromEntries(
  [
    ...readFileSync(join(ROOT, 'compose/compose.yaml'), 'utf8').matchAll(/\{(DRILL_PORT_\w+)-/g),
  ].map(([, name]) => [name, '']),
);

async function drillUp(place: Workplace): Promise<number> {
  const wall_ms = await timed(place, ['up', FILE, '--runtime', 'compose', '--quiet']);
  await timed(place, ['down', 'latest']);
  return wall_ms;
}

async function wholeRun(place: Workplace) {
  const drill = ['run', FILE, '--runtime', 'compose', '--quiet', '--reporter', 'plain'];
  const wall_ms = await timed(place, drill);
  const spread_ms = place.result().recovery?.fault_spread_ms;
  if (spread_ms === undefined) throw new Error('the result says nothing of the spread');
  return { wall_ms, spread_ms };
}
