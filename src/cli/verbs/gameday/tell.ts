// Who is told of game days, for the verbs that hold them.
import { randomInt } from 'node:crypto';
import { randomStream } from '../../../base/random.ts';
import { formatDuration } from '../../../base/units.ts';
import { Notifier } from '../../../gameday/notify/notifier.ts';
import type { Stored } from '../../../gameday/notify/outbox.ts';
import type { GameDayRead } from '../../../gameday/read.ts';
import { hostClock } from '../../../host/clock.ts';
import { commandName } from '../../../screen/command-name.ts';
import { count } from '../../../screen/text.ts';
import type { CliContext } from '../../verb.ts';

/** How long messages that are not sent are waited for at the end. */
const WAIT_MS = 10_000;

interface Telling {
  readonly runs: string;
  readonly reads: () => readonly GameDayRead[];
  readonly say: (text: string) => void;
}

export function notifierOf(telling: Telling, context: CliContext): Notifier {
  const draw = randomStream(randomInt(2 ** 32));
  const { directory, environment } = context;
  return new Notifier({ ...telling, directory, environment, clock: hostClock(), draw });
}

/** Says what is left for the next one. */
export async function endTelling(
  notifier: Notifier,
  say: Telling['say'],
  { kill, environment }: CliContext,
): Promise<void> {
  const left = await notifier.end(WAIT_MS, kill);
  const kept = left.filter(({ isKept }) => isKept);
  const lost = left.filter(({ isKept }) => !isKept);
  if (kept.length > 0) {
    say(
      `not sent after ${formatDuration(WAIT_MS)}: ${leftWords(kept)}; the next run or service ` +
        `sends what is left: ${commandName(environment)} gameday outbox`,
    );
  }
  if (lost.length > 0) {
    say(`lost, since the outbox could not be written: ${leftWords(lost)}`);
  }
}

function leftWords(left: readonly Stored[]): string {
  const why = [...new Set(left.map(({ entry }) => `${entry.receiver}: ${entry.last ?? 'no try'}`))];
  return `${count(left.length, 'message')} (${why.join('; ')})`;
}
