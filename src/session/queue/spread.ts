// A series whose trials other machines make: each that is due is sent to the queue, and what the
// workers send back is put where a local trial would have been, so that everything after it is as
// with any series.
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import { hostClock } from '../../host/clock.ts';
import type { Looked, SharedQueue } from '../../queue/queue.ts';
import { jobId, trialOutcomeIn, trialQueue, type TrialOutcome } from '../../queue/trial-job.ts';
import { switchedBy, thrownBy } from '../operator/kill-switch.ts';
import type { DrillRead } from '../read.ts';
import { pruneRuns } from '../retention.ts';
import { rememberRun } from '../run-one.ts';
import { haltOf, type Made, type MadeRun } from '../series.ts';
import type { Series } from '../series-files.ts';
import { shareSeries } from '../history/share.ts';
import { isEnough, judgedOf, readTrials, resultOfTrial } from '../series-results.ts';
import type { Session } from '../session.ts';
import { asTrial, placeOf } from '../trials.ts';
import { version } from '../version.ts';
import { unpackRun } from './carry.ts';
import { persist } from './hold.ts';
import { ToldHolders } from './told-holders.ts';
import { jobOf, misfitOf } from './trial.ts';
import { placeAt } from '../place.ts';

export interface SpreadOptions {
  readonly queue: SharedQueue;
  /** Told in a line who has what. */
  readonly say: (text: string) => void;
  /** What somebody types to start a worker. */
  readonly workerCommand: string;
}

const LOOK_EVERY_MS = 1_000;
const UNTAKEN_MS = 5_000;
/** What was sent is fetched for so long after somebody has stopped the series. */
const STOPPED_MS = 10_000;

/** Until nothing is due, or the session is interrupted. `drills` are those of the series. */
export async function spreadSeries(
  series: Series,
  drills: readonly DrillRead[],
  session: Session,
  options: SpreadOptions,
): Promise<Made> {
  const spread = new Spread(series, drills, session, options);
  try {
    await spread.run();
  } finally {
    series.close();
  }
  const { runs } = spread;
  const read = readTrials(series.file, new Map(runs.map(({ result }) => [result.id, result])));
  const results = judgedOf(read);
  session.on({ type: 'series', results });
  await shareSeries(series.file, results, drills[0]?.settings.history ?? null, session);
  return { runs, series: read, left: [] };
}

/** A trial that is asked for: its number, and its job. */
interface Asked {
  readonly at: number;
  readonly id: string;
  readonly queue: string;
}

class Spread {
  readonly runs: MadeRun[] = [];
  readonly #series: Series;
  readonly #drills: readonly DrillRead[];
  readonly #session: Session;
  readonly #options: SpreadOptions;
  #asked: readonly Asked[] = [];
  readonly #holders: ToldHolders;
  /** Of the evidence of each trial, what has come so far. */
  readonly #fetched = new Map<number, Buffer[]>();
  #isHalted = false;

  constructor(
    series: Series,
    drills: readonly DrillRead[],
    session: Session,
    options: SpreadOptions,
  ) {
    this.#series = series;
    this.#drills = drills;
    this.#session = session;
    this.#options = options;
    this.#holders = new ToldHolders(options.say);
  }

  async run(): Promise<void> {
    const { queue, say, workerCommand } = this.#options;
    const { interrupt } = this.#session;
    await this.#persist(async () => await this.#send());
    const clock = hostClock();
    let idleSince_ms: number | null = clock.now();
    while (this.#asked.length > 0 && !interrupt.aborted && !this.#isHalted) {
      const before = this.#asked.length;
      await this.#persist(async () => {
        await queue.judgeLeases();
        await this.#look(interrupt);
      });
      const by = thrownBy(this.#series.file.runs);
      if (by !== null) this.#halt(switchedBy(by));
      // To fetch what somebody made may have taken long.
      const isTaken = this.#holders.isAnyHeld || this.#asked.length < before;
      if (isTaken) idleSince_ms = clock.now();
      if (idleSince_ms !== null && clock.now() - idleSince_ms > UNTAKEN_MS) {
        const which = `of drill ${version()}`;
        say(`no worker ${which} takes a trial; to start one, on each machine: ${workerCommand}`);
        idleSince_ms = null;
      }
      if (this.#asked.length > 0) await clock.sleep(LOOK_EVERY_MS, interrupt).catch(() => {});
    }
    if (this.#asked.length > 0) await this.#withdraw();
  }

  /** A trial that was sent before, and perhaps made meanwhile, stays as it is. */
  async #send(): Promise<void> {
    const { queue } = this.#options;
    const { file } = this.#series;
    const asked: Asked[] = [];
    for (const [at, { state, drill }] of file.trials.entries()) {
      if (state !== 'due') continue;
      const own = trialQueue(version(), runtimeNamed(this.#drills[drill]!.drill.runtime));
      const id = jobId(file.id, String(at));
      await queue.send(own, id, jobOf(file, at, this.#drills));
      asked.push({ at, id, queue: own });
    }
    this.#asked = asked;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    for (const { own, asked, ids } of this.#byQueue()) {
      const found = await queue.look(own, ids);
      for (const each of asked) await this.#hear(each, found.get(each.id) ?? null, signal);
    }
    if (isEnough(this.#series.file) || haltOf(this.runs) !== null) await this.#skip();
  }

  async #hear(asked: Asked, looked: Looked | null, signal: AbortSignal): Promise<void> {
    if (looked === null) return this.#drop(asked, 'its job is gone from the queue');
    const { held, state } = looked;
    const isMade = state === 'completed';
    const isHeld = state === 'active' || isMade;
    if (held === null || state === 'failed' || (isHeld && held.length === 0)) {
      this.#drop(asked, 'its job in the queue is damaged');
      await this.#options.queue.remove(asked.queue, [asked.id]);
      return;
    }
    const { at } = asked;
    const isTaken = this.#holders.hear(at, this.#name(at), held, isHeld);
    if (isTaken) this.#series.note(at, { state: 'running' });
    if (!isMade) return;
    this.#holders.over(at);
    const outcome = trialOutcomeIn(await this.#options.queue.outputOf(asked.queue, asked.id));
    if (outcome?.came === 'halted') this.#halt(outcome.why);
    if (outcome?.came === 'made') {
      const files = await this.#fetch(asked, { ...outcome, ...held.at(-1)! }, signal);
      if (files === 'stopped') return;
      this.#take(asked, outcome, files);
    } else this.#drop(asked, outcome?.why ?? 'what came back of it cannot be read');
    // What it was asked for is on this disk now.
    await this.#options.queue.remove(asked.queue, [asked.id]);
  }

  /** `stopped`: the signal has aborted, and it stays there for whoever resumes the series. */
  async #fetch(
    { at, id }: Asked,
    { parts: count, token }: { readonly parts: number; readonly token: string },
    signal: AbortSignal,
  ): Promise<Buffer | 'stopped' | 'lacking'> {
    const parts = this.#fetched.get(at) ?? [];
    this.#fetched.set(at, parts);
    const came = await this.#options.queue.attached({ id, token, count }, parts, signal);
    if (came === 'stopped') return came;
    this.#fetched.delete(at);
    return came === 'whole' ? Buffer.concat(parts) : came;
  }

  /** The run stands here from now on, as if it had been made here. */
  #take(
    asked: Asked,
    { run, worker }: TrialOutcome & { came: 'made' },
    files: Buffer | 'lacking',
  ): void {
    const { file } = this.#series;
    const { at } = asked;
    const trial = { series: file, at, drills: this.#drills };
    const { problem } =
      files === 'lacking'
        ? { problem: 'a part of its evidence is gone from the queue' }
        : unpackRun(file.runs, run, files, (plan) => misfitOf(plan, trial));
    const ended = { ...file.trials[at]!, state: 'ended', run, verdict: null } as const;
    const result = problem === null ? resultOfTrial(file, ended) : null;
    if (result === null) {
      const why = problem ?? 'its result is not that of its plan';
      return this.#drop(asked, `what ${worker} sent does not count: ${why}`);
    }
    this.#asked = this.#asked.filter((each) => each.at !== at);
    this.#series.note(at, { state: 'ended', run, verdict: result.verdict });
    this.#remember(run);
    this.#tellResult(at, result);
  }

  #tellResult(at: number, result: MadeRun['result']): void {
    const { file } = this.#series;
    const { trials } = file;
    const own = this.#drills[trials[at]!.drill]!;
    const { moved = false } = file.drills[trials[at]!.drill]!;
    const drill = moved ? asTrial(own, trials[at]!.seed, placeOf(file, at)) : own;
    const isRepeated = trials.filter((each) => each.drill === trials[at]!.drill).length > 1;
    const { plan } = drill;
    const place = placeAt(file.runs, result.id);
    const number = at + 1;
    this.#session.on({ type: 'trial', number, of: trials.length, isRepeated, plan });
    const source = { file: drill.file, bytes: drill.text };
    this.#session.on({ type: 'begun', plan, source, place });
    this.#session.on({ type: 'ended', result, place });
    this.runs.push({ drill, result, directory: place.directory });
  }

  #remember(run: string): void {
    const { runs, id } = this.#series.file;
    const { retention } = this.#drills[0]!.settings;
    rememberRun(runs, run, id, this.#session);
    pruneRuns(runs, retention, hostClock().wall(), (text) => this.#warn(text));
  }

  /** Whoever halts one means those after it too. */
  #halt(why: string): void {
    this.#isHalted = true;
    this.#warn(`no more trials are made: ${why}`);
  }

  /** Nobody makes it any more: it is due, for whoever resumes the series. */
  #drop({ at }: Asked, why: string): void {
    this.#asked = this.#asked.filter((each) => each.at !== at);
    this.#series.note(at, { state: 'due', run: null });
    this.#warn(`${this.#name(at)} was not made: ${why}`);
  }

  /** Those that nobody has begun. */
  async #skip(): Promise<void> {
    for (const { own, ids } of this.#byQueue()) {
      const gone = new Set(await this.#options.queue.removeWaiting(own, ids));
      for (const { at } of this.#asked.filter(({ id }) => gone.has(id))) {
        this.#series.note(at, { state: 'skipped' });
      }
      this.#asked = this.#asked.filter(({ id }) => !gone.has(id));
    }
  }

  /** Nobody waits for them here: workers that have one find out when they renew it. */
  async #withdraw(): Promise<void> {
    const { queue, say } = this.#options;
    const removed = async () => {
      // What was made by now counts, and what is made just now is there for --resume.
      await this.#look(AbortSignal.timeout(STOPPED_MS));
      for (const { own, ids } of this.#byQueue()) await queue.removeUnmade(own, ids);
      return true;
    };
    const isDone = await persist(removed, this.#session.interrupt, say);
    for (const { at } of this.#asked) this.#series.note(at, { state: 'due', run: null });
    say(
      isDone === null
        ? 'workers go on with what they have; --resume takes what they have made'
        : 'the trials that were left were taken back: workers that have one heal and clean up',
    );
  }

  /** What is asked for, each queue with its jobs. */
  #byQueue() {
    const queues = [...new Set(this.#asked.map((each) => each.queue))];
    return queues.map((own) => {
      const asked = this.#asked.filter((each) => each.queue === own);
      return { own, asked, ids: asked.map(({ id }) => id) };
    });
  }

  #name(at: number): string {
    return `trial ${at + 1} of ${this.#series.file.trials.length}`;
  }

  #warn(text: string): void {
    this.#session.on({ type: 'warning', text });
  }

  async #persist(work: () => Promise<void>): Promise<void> {
    await persist(work, this.#session.interrupt, this.#options.say);
  }
}
