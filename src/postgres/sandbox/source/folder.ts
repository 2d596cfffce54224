// A place of somebody's backup on this machine: it has to be there, and the user of the restored
// server has to be able to read it.
import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Owner } from '../../../host/files.ts';
import { runToEnd } from '../../../host/process/run-to-end.ts';
import { UserError } from '../../../screen/user-error.ts';

const ASK_AT_MOST_MS = 10_000;

/** Without links in it; `stated` is from `directory`. */
export function folderOf(stated: string, directory: string, key: string): string {
  const path = resolve(directory, stated);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  const found = existsSync(path) ? 'something that is no folder' : 'nothing';
  throw new UserError(`${key}: expected a folder at ${path}, found ${found}`);
}

/** Who cannot read the log would take it for its end. */
export async function requireReadable(file: string, what: string, owner: Owner): Promise<void> {
  const { problem } = await runToEnd('test', ['-r', file], { owner, atMost_ms: ASK_AT_MOST_MS });
  if (problem === null) return;
  throw unreadable(what);
}

export function unreadable(what: string): EnvironmentError {
  return new EnvironmentError({
    what,
    expected: 'files that the user of the restored server can read',
    found: 'that it cannot',
    hint: 'run drill as the user who owns them, or let others read them',
  });
}
