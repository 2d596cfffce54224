// A worker: takes a trial that some machine asked for, one at a time, runs it here as any drill is
// run, and sends back what came of it with the evidence. It holds the trial while it runs; where it
// dies, another worker is given the trial after the lease.
import { join } from 'node:path';
import type { RuntimeName } from '../../drill/file/runtimes.ts';
import { hostClock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { lostIn, type Mine, type Taken } from '../../queue/holders.ts';
import { countOf } from '../../queue/parts.ts';
import type { SharedQueue } from '../../queue/queue.ts';
import {
  TRIAL_QUEUES,
  trialJobIn,
  trialQueue,
  type TrialJob,
  type TrialOutcome,
} from '../../queue/trial-job.ts';
import { UserError } from '../../screen/user-error.ts';
import type { Result } from '../../verdict/result.ts';
import { requireNoKillSwitch } from '../operator/kill-switch.ts';
import type { DrillRead } from '../read.ts';
import { requireRunnable, runOne, type RunOptions } from '../run-one.ts';
import { requireMachine } from '../runtime-of.ts';
import { isBrokenOff } from '../series-results.ts';
import type { Session } from '../session.ts';
import { version } from '../version.ts';
import { packRun } from './carry.ts';
import { holding, persist } from './hold.ts';
import { drillOf } from './trial.ts';
import { forgetUnsent, listUnsent, noteUnsent } from './unsent.ts';

export interface WorkerOptions extends Pick<RunOptions, 'source' | 'startClients'> {
  readonly queue: SharedQueue;
  /** What the trials that it makes are said to come from. */
  readonly name: string;
  /** Those whose drills it takes. */
  readonly runtimes: readonly RuntimeName[];
  /** Where its runs are kept. */
  readonly runs: string;
  /** Told in a line what it does. */
  readonly say: (text: string) => void;
  /** Rejects where this machine cannot run the drill. */
  readonly requireAble?: (drill: DrillRead, session: Session) => Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** Whatever kills the machine of each worker that has it is not tried for ever. */
const LOST_MOST = 3;

/** Until the session is interrupted. Rejects where this machine cannot run what it was given. */
export async function workOn(session: Session, options: WorkerOptions): Promise<void> {
  const { queue, runs } = options;
  for (const { taken, run } of listUnsent(runs)) {
    options.say(`${run} was made before and not sent`);
    const held = holding(taken, queue, options.say);
    await sendRun(taken, run, session, options).finally(held.end);
  }
  const queues = options.runtimes.map((runtime) => trialQueue(version(), runtime));
  const others = new Set(queues);
  while (!session.interrupt.aborted) {
    const taken = await persist(
      async () => {
        await queue.judgeLeases();
        for (const each of queues) {
          const found = await queue.take(each, options.name);
          if (found !== null) return found;
        }
        // They are left to workers that can make them.
        for (const each of await queue.waitingIn(TRIAL_QUEUES)) {
          if (others.has(each)) continue;
          others.add(each);
          options.say(
            `${each.slice(TRIAL_QUEUES.length)}: trials wait that this one does not make`,
          );
        }
        return null;
      },
      session.interrupt,
      options.say,
    );
    if (taken === null) await pause(session.interrupt);
    else await makeTrial(taken, session, options);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await hostClock()
    .sleep(LOOK_EVERY_MS, signal)
    .catch(() => {});
}

async function makeTrial(taken: Taken, session: Session, options: WorkerOptions): Promise<void> {
  const { queue, name } = options;
  const job = trialJobIn(taken.body);
  const lost = lostIn(taken.held.slice(0, -1));
  const why =
    job === null
      ? 'it is no trial that this version of drill can read'
      : lost.length < LOST_MOST
        ? null
        : `${lost.length} workers were lost with it: ${lost.join(', ')}`;
  if (job === null || why !== null) {
    const outcome = { came: job === null ? 'refused' : 'lost', worker: name, why: why! } as const;
    await queue.complete(taken, outcome);
    return;
  }
  const made = await ableDrill(job, { lost, worker: name }, session, options);
  if ('problem' in made) {
    await queue.giveBack(taken, made.problem);
    throw new UserError(`this machine cannot run a trial of ${job.series}: ${made.problem}`, {
      hint: 'mend that, then start the worker again; another one is given the trial',
      exitCode: 4,
    });
  }
  await runTrial(taken, { job, drill: made.drill }, session, options);
}

/** The drill, where this machine can run it. */
async function ableDrill(
  job: TrialJob,
  makers: Parameters<typeof drillOf>[1],
  session: Session,
  { requireAble = requireHere, runs }: WorkerOptions,
): ReturnType<typeof drillOf> {
  const made = await drillOf(job, makers, session);
  if ('problem' in made) return made;
  const settings = { ...made.drill.settings, out: runs };
  const drill = { ...made.drill, settings };
  try {
    requireNoKillSwitch(runs);
    await requireAble(drill, session);
    return { drill };
  } catch (error) {
    if (error instanceof UserError || error instanceof EnvironmentError) {
      return { problem: error.message };
    }
    throw error;
  }
}

async function requireHere(drill: DrillRead, session: Session): Promise<void> {
  await requireRunnable([drill], session);
  await requireMachine(drill, session);
}

async function runTrial(
  taken: Taken,
  { job, drill }: { readonly job: TrialJob; readonly drill: DrillRead },
  session: Session,
  options: WorkerOptions,
): Promise<void> {
  const { source, startClients, runs, say } = options;
  const { number, of } = job.place;
  const held = holding(taken, options.queue, say);
  const own: Session = {
    ...session,
    interrupt: AbortSignal.any([session.interrupt, held.gone]),
    on: (event) => {
      if (event.type === 'begun') noteUnsent(runs, { taken, run: event.place.id });
      session.on(event);
    },
  };
  const parts = { ...(source ? { source } : {}), ...(startClients ? { startClients } : {}) };
  const isRepeated = of > 1;
  session.on({ type: 'trial', number: number + 1, of, isRepeated, plan: drill.plan });
  try {
    const how = { limit_ms: job.limit_ms, against: null, ...parts };
    const { result } = await runOne(drill, own, how);
    if (!isBrokenOff(result)) return await sendRun(taken, result.id, session, options);
    forgetUnsent(runs, result.id);
    if (!held.gone.aborted) await sendBack(taken, result, session, options);
  } catch (error) {
    // Nobody has to wait for the lease of a worker that ends by this.
    await options.queue.giveBack(taken, (error as Error).message).catch(() => {});
    throw error;
  } finally {
    held.end();
    if (held.gone.aborted) say(`trial ${number + 1} of ${job.series}: ${held.gone.reason.message}`);
  }
}

/** One that was broken off: for another worker, or for nobody where a person has halted it. */
async function sendBack(
  taken: Taken,
  result: Result,
  session: Session,
  { queue, name: worker, say }: WorkerOptions,
): Promise<void> {
  const why = result.reasons[0] ?? 'the run was interrupted';
  const isStopped = session.interrupt.aborted;
  const sent = await persist(
    async () => {
      if (isStopped) await queue.giveBack(taken, 'the worker was stopped');
      else await queue.complete(taken, { came: 'halted', worker, why } satisfies TrialOutcome);
      return true;
    },
    session.interrupt,
    say,
  );
  // Nobody is told where the database is gone too: the lease says it.
  if (sent !== null && isStopped) say('the trial was given back: another worker is given it');
}

async function sendRun(
  taken: Mine,
  run: string,
  session: Session,
  { queue, name: worker, runs, say }: WorkerOptions,
): Promise<void> {
  const directory = join(runs, run);
  const files = packRun(directory);
  const why =
    `its evidence is too large to be sent and stayed with worker ${worker}, in ${directory}: ` +
    'it cannot be judged here';
  const outcome: TrialOutcome =
    files === null
      ? { came: 'refused', worker, why }
      : { came: 'made', worker, run, parts: countOf(files) };
  const work = async () => {
    const isThere = files === null || (await queue.attach(taken, files, session.interrupt));
    return isThere === true ? await queue.complete(taken, outcome) : isThere;
  };
  const isWanted = await persist(work, session.interrupt, say);
  if (isWanted === null) {
    say(`${run} is not sent: the next worker that is started in ${session.directory} sends it`);
    return;
  }
  forgetUnsent(runs, run);
  if (files === null) say(`${run} does not count: ${why}`);
  else say(isWanted ? `${run} was sent` : `${run} is wanted no more: it stays here`);
}
