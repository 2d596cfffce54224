// Whether it hurts somebody, by a command of their own (`topology.guard.stop_when`). One that could
// not be run has said nothing, which is another thing than that it does not hurt.
import { CommandFailed } from '../../host/command.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { OwnSystem } from '../system/own.ts';

const ASK_AT_MOST_MS = 10_000;
/** A shell’s that cannot run something, or has not found it; and ssh’s own. */
const NOT_RUN = [126, 127, 255];

export type Alarm =
  | { readonly hurts: true }
  | { readonly hurts: false }
  /** Nobody knows. */
  | { readonly hurts: null; readonly why: string };

export async function askAlarm(
  { run }: Pick<OwnSystem, 'run'>,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<Alarm> {
  try {
    await run(command, ASK_AT_MOST_MS, signal);
    return { hurts: true };
  } catch (error) {
    const why = reasonOf(error);
    const code = error instanceof CommandFailed ? error.code : null;
    return code === null || NOT_RUN.includes(code) ? { hurts: null, why } : { hurts: false };
  }
}
