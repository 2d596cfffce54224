// A command that answers by how it ends: 0 is yes, anything else is no. One that could not be run
// has said nothing, which is another thing than a no.
import { CommandFailed } from '../../host/process/command-failed.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { Answer } from '../system/own.ts';

/** A shell’s that cannot run something, or has not found it; and ssh’s own. */
const NOT_RUN = [126, 127, 255];

export async function askCommand(asked: () => Promise<unknown>): Promise<Answer> {
  try {
    await asked();
    return { ok: true, detail: 'it ended with 0' };
  } catch (error) {
    const code = error instanceof CommandFailed ? error.code : null;
    const isNo = code !== null && !NOT_RUN.includes(code);
    return { ok: isNo ? false : null, detail: reasonOf(error) };
  }
}
