// Drills whose runner is killed, with regions of their own or on a system that is up, cleaned up
// after, and what is left then.
import { chmodSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isUp, RUN_ID } from '../../../src/archive/run-list.ts';
import { composeEnvironment } from '../servers/docker.ts';
import { Workplace, type Ended, type RunningDrill } from '../whole/drill-cli.ts';
import { runMeasured, wasTooBusy } from '../whole/run-measured.ts';
import type { Draw } from './draw.ts';
import {
  drawDisaster,
  drawDrill,
  drawSystem,
  textOf,
  type Disaster,
  type DrawnSystem,
} from './drawn-drill.ts';
import { halfMadeIn, leftIn, Trace } from './left-on-machine.ts';
import { drawMoment, phaseOf, untilMoment, type Moment } from './moments.ts';
import type { Killed } from './series.ts';
import { changesIn, stateOf } from './system-state.ts';

type Runtime = 'embedded' | 'compose';

/** About as long as a drawn drill takes. */
const LENGTH_MS = {
  embedded: { own: 12_000, against: 8_000 },
  compose: { own: 30_000, against: 14_000 },
};
const UP_MS = { embedded: 2_000, compose: 12_000 };
const CLEAN_MS = { embedded: 1_500, compose: 4_000 };
/** Before `LATE` is over. */
const AT_MOST_MS = 25_000;
const CLEANER_KILLED = 0.3;
const CLEANERS_AT_MOST = 2;
const UP_SHARE = 0.15;
/** Before a recovery is declared: whoever is killed by then has fenced nobody. */
const LATE = '30s';
const KILLED: Disaster = { fault: '{ at: 2s, kind: lose-region, region: east, how: kill }' };
/** After which a system that is up can be as it was. */
const UNDONE: readonly Disaster[] = [
  { fault: '{ at: 2s, kind: lose-region, region: east, how: partition }' },
  { fault: '{ at: 2s, kind: lose-region, region: east, how: freeze }' },
  { fault: '{ at: 2s, kind: lose-network, region: east, of: both }' },
  { fault: '{ at: 2s, kind: lose-network, region: east, of: clients }' },
  { fault: '{ at: 2s, kind: corrupt-page }', declare: '500ms' },
];
const HEALTHY = '{ at: 200ms, kind: latency, link: clients-east, latency: 20ms, for: 1s }';

interface Deed {
  readonly text: string;
  readonly verb?: 'run' | 'up';
  readonly args: readonly string[];
  readonly moment: Moment;
}

export class KillPlace {
  readonly #place = new Workplace();
  readonly #env: Record<string, string>;
  readonly #runtime: Runtime;
  readonly temporary = join(this.#place.directory, 't');
  #system: {
    readonly drawn: DrawnSystem;
    readonly directory: string;
    readonly trace: Trace;
  } | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    // PostgreSQL's user passes through.
    chmodSync(this.#place.directory, 0o755);
    mkdirSync(this.temporary, { mode: 0o755 });
    const env = runtime === 'compose' ? composeEnvironment() : {};
    this.#env = { ...env, TMPDIR: this.temporary };
  }

  async clean(): Promise<Ended> {
    return await this.#place.run(['clean'], this.#env);
  }

  /** A drill with regions of its own, or a system that is being brought up to stay. */
  async own(draw: Draw): Promise<Killed> {
    if (draw.chance(UP_SHARE)) return await this.#comingUp(draw);
    const system = drawSystem(draw, this.#runtime, false);
    const disaster = draw.chance(0.4) ? null : drawDisaster(draw, system, [KILLED, ...UNDONE]);
    const { text } = drawDrill(draw, system, disaster);
    const moment = drawMoment(draw, LENGTH_MS[this.#runtime].own, disaster !== null);
    const { killed, trace } = await this.#kill(draw, { text, args: [], moment });
    return { ...killed, problems: [...killed.problems, ...this.#left(trace)] };
  }

  async #comingUp(draw: Draw): Promise<Killed> {
    const text = textOf(drawSystem(draw, this.#runtime, true), [HEALTHY], null, false);
    const after_ms = draw.share() * UP_MS[this.#runtime];
    const moment: Moment = draw.pick([
      { kind: 'time', after_ms },
      { kind: 'undo', entries: draw.whole(1, 8) },
    ]);
    const { killed, trace, run } = await this.#kill(draw, { text, verb: 'up', args: [], moment });
    // It was up by then, and stays until it is brought down.
    if (run !== undefined && isUp(run)) await this.#place.run(['down', basename(run)], this.#env);
    return { ...killed, problems: [...killed.problems, ...this.#left(trace)] };
  }

  /** A drill on the system that is up, which has to be as it was. */
  async against(draw: Draw): Promise<Killed> {
    const { drawn, directory } = this.#system!;
    const before = await stateOf(directory);
    const disaster = draw.chance(0.7)
      ? null
      : { ...drawDisaster(draw, drawn, UNDONE), declare: LATE };
    const { text } = drawDrill(draw, drawn, disaster);
    const args = ['--against', basename(directory), '--set', 'failback=false'];
    const moment = drawMoment(draw, LENGTH_MS[this.#runtime].against, false);
    const { killed, trace, run } = await this.#kill(draw, { text, args, moment });
    const isUsed =
      run !== undefined && this.#place.events(run).some(({ event }) => event === 'system.claimed');
    const mayDiffer = (name: string) => isUsed && name.endsWith('rows of orders');
    const changes = await changesIn(directory, before, mayDiffer);
    return { ...killed, problems: [...killed.problems, ...this.#left(trace), ...changes] };
  }

  async up(draw: Draw): Promise<void> {
    const drawn = drawSystem(draw, this.#runtime, true);
    this.#place.write('up.yaml', textOf(drawn, [HEALTHY], null, false));
    const ended = await this.#place.run(['up', 'up.yaml'], this.#env);
    if (ended.code !== 0) throw new Error(`drill up: ${ended.stdout}${ended.stderr}`);
    const directory = this.#runs().at(-1)!;
    this.#system = { drawn, directory, trace: new Trace(directory, this.temporary) };
  }

  /** A healthy drill passes on it, one is killed in which it is lost, and it goes without a trace. */
  async down(draw: Draw): Promise<string[]> {
    const { drawn, directory, trace } = this.#system!;
    trace.look();
    const problems: string[] = [];
    const args = ['--against', basename(directory), '--reporter', 'plain'];
    this.#place.write('healthy.yaml', textOf(drawn, [HEALTHY], null, false));
    const healthy = await runMeasured(this.#place, ['run', 'healthy.yaml', ...args], this.#env);
    const isBusy = healthy.code === 3 && wasTooBusy(this.#place.result().reasons);
    if (healthy.code !== 0 && !isBusy) problems.push(`a healthy drill on it: ${said(healthy)}`);
    const text = textOf(drawn, [KILLED.fault], KILLED, false);
    const moment = drawMoment(draw, LENGTH_MS[this.#runtime].against, true);
    const last = await this.#kill(draw, { text, args: args.slice(0, 2), moment });
    trace.look();
    problems.push(...last.killed.problems, ...this.#left(last.trace));
    const down = await this.#place.run(['down', basename(directory)], this.#env);
    if (down.code !== 0) problems.push(`drill down: ${said(down)}`);
    this.#system = null;
    return [...problems, ...this.#left(trace)];
  }

  remove(): void {
    this.#place.remove();
  }

  /** Kills the runner of the drill at the moment, and cleans up after it. */
  async #kill(draw: Draw, { text, verb = 'run', args, moment }: Deed) {
    this.#place.write('kill.yaml', text);
    const before = new Set(this.#runs());
    const runOf = () => this.#runs().find((run) => !before.has(run));
    const plain = verb === 'run' ? ['--reporter', 'plain'] : [];
    const running = this.#place.start([verb, 'kill.yaml', ...plain, ...args], this.#env);
    const hasEnded = () => running.child.exitCode !== null;
    const problem = await Promise.race([
      untilMoment(moment, { runOf, hasEnded, atMost_ms: AT_MOST_MS }),
      running.ended,
    ]).then(
      () => [],
      (error: Error) => [error.message],
    );
    const run = runOf();
    const trace = run === undefined ? null : new Trace(run, this.temporary);
    trace?.look();
    const isHit = running.child.kill('SIGKILL');
    const { signal, code, stdout, stderr } = await running.ended;
    trace?.look();
    const phase = isHit && signal === 'SIGKILL' ? phaseOf(run) : null;
    const failed = phase === null && ![0, 1, 3].includes(code ?? -1);
    const problems = failed ? [`the run ended with ${code}: ${stdout}${stderr}\n${text}`] : [];
    const { cleaners, left } = await this.#cleanAfter(draw, trace);
    const told = left.map((each) => `${each}\n  killed at ${JSON.stringify(moment)}, in\n${text}`);
    const killed: Killed = { phase, cleaners, problems: [...problem, ...problems, ...told] };
    return { killed, trace, run };
  }

  /** Cleaners may be killed too; the last one is let be. */
  async #cleanAfter(draw: Draw, trace: Trace | null) {
    let cleaners = 0;
    while (cleaners < CLEANERS_AT_MOST && draw.chance(CLEANER_KILLED)) {
      const cleaner = this.#place.start(['clean'], this.#env);
      await killLater(cleaner, draw.share() * CLEAN_MS[this.#runtime]);
      trace?.look();
      if ((await cleaner.ended).signal !== 'SIGKILL') break;
      cleaners++;
    }
    const ended = await this.clean();
    return { cleaners, left: ended.code === 0 ? [] : [`drill clean: ${said(ended)}`] };
  }

  #runs(): string[] {
    return this.#place.runs().filter((run) => RUN_ID.test(basename(run)));
  }

  /** What is left is told once: the next one begins without it. */
  #left(trace: Trace | null): string[] {
    const left = this.#look(trace);
    if (left.length > 0) trace?.purge();
    return left;
  }

  #look(trace: Trace | null): string[] {
    const staying = this.#system === null ? [] : [this.#system.directory];
    const own = trace?.left(this.#runtime === 'compose') ?? [];
    return [...own, ...leftIn(this.temporary, staying), ...halfMadeIn(this.#place.directory)];
  }
}

async function killLater({ child, ended }: RunningDrill, ms: number): Promise<void> {
  await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), ended]);
  child.kill('SIGKILL');
  await ended;
}

function said({ code, stdout, stderr }: Ended): string {
  return `${code}: ${stdout}${stderr}`;
}
