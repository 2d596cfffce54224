// Whether it hurts somebody, by a command of their own (`topology.guard.stop_when`).
import type { Answer, OwnSystem } from '../system/own.ts';
import { askCommand } from './ask-command.ts';

const ASK_AT_MOST_MS = 10_000;

/** `ok`: it hurts. */
export async function askAlarm(
  { run }: Pick<OwnSystem, 'run'>,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<Answer> {
  const answer = await askCommand(() => run(command, ASK_AT_MOST_MS, signal));
  signal?.throwIfAborted();
  return answer;
}
