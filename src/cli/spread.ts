// `drill run --queue`: a series whose trials the machines of `drill worker` make.
import type { DatabaseAddress } from '../drill/database-address.ts';
import { SharedQueue } from '../queue/queue.ts';
import { commandName } from '../screen/command-name.ts';
import { UserError } from '../screen/user-error.ts';
import type { Against } from '../session/kept.ts';
import { spreadSeries } from '../session/queue/spread.ts';
import type { DrillRead } from '../session/read.ts';
import { beginSeries, type HowOften, type Made } from '../session/series.ts';
import type { Series } from '../session/series-files.ts';
import type { Session } from '../session/session.ts';
import type { CliContext, VerbArguments } from './verb.ts';

interface Asked {
  readonly drills: readonly DrillRead[];
  /** Null: it begins. */
  readonly resumed: Series | null;
}

/** Throws a `UserError` where the flag cannot be meant, or is missing. */
export function requireSpreadable(
  { drills, resumed, against }: Asked & { readonly against: Against | null },
  queue: DatabaseAddress | null,
): void {
  if (queue === null) {
    const other = resumed?.file.queue;
    if (other === undefined) return;
    resumed!.close();
    throw new UserError(`the trials of ${resumed!.file.id} are made by workers of ${other}`, {
      hint: `drill run --resume ${resumed!.file.id} --queue DRILL_QUEUE`,
    });
  }
  const staying = drills.find(({ settings }) => settings.keep !== 'never');
  const why =
    against !== null
      ? '--against has a system on this machine'
      : staying !== undefined
        ? `${staying.plan.name} is to stay up, on a machine that nobody knows yet`
        : resumed !== null && resumed.file.queue === undefined
          ? `the series ${resumed.file.id} is made here`
          : null;
  if (why === null) return;
  resumed?.close();
  throw new UserError(`--queue: expected trials that any machine can make, but ${why}`);
}

/** Rejects with an `EnvironmentError` where the database does not answer. */
export async function spreadOver(
  address: DatabaseAddress,
  { drills, resumed, how }: Asked & { readonly how: HowOften },
  session: Session,
  { args, context }: { readonly args: VerbArguments; readonly context: CliContext },
): Promise<Made> {
  const { stderr } = context.screen;
  const say = (text: string) => {
    if (args['quiet'] !== true) stderr.write(`${text}\n`);
  };
  const queue = await SharedQueue.open(address).catch((error: unknown) => {
    resumed?.close();
    throw error;
  });
  try {
    const series = resumed ?? beginSeries(drills, { ...how, queue: address.shown }, session);
    say(`series ${series.file.id}: ${series.file.trials.length} trials for workers`);
    const workerCommand = `${commandName(context.environment)} worker --queue ${address.shown}`;
    return await spreadSeries(series, drills, session, { queue, say, workerCommand });
  } finally {
    await queue.close();
  }
}
