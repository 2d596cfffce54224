// The directory of one stack, and the keeper beside it that removes all of it when the test ends.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePrivateDirectory, writePrivateFile } from '../../../src/host/files.ts';
import { describeExit, exitOf } from '../../../src/host/process/detached.ts';
import { temporaryDirectory } from '../../../src/host/temporary.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));
const SCRIPTS = fileURLToPath(new URL('scripts', import.meta.url));

export interface Place {
  /** The stack's mark. */
  readonly id: string;
  readonly directory: string;
  /** A file that the stack's user alone reads. */
  write(name: string, text: string): void;
  /** Resolves once nothing of the stack is left on the machine. */
  remove(): Promise<void>;
}

/** With the scripts in `bin`. */
export function makePlace(): Place {
  const identity = databaseIdentity();
  const owner = ownerOf(identity);
  const id = randomBytes(6).toString('hex');
  const temporary = realpathSync(temporaryDirectory(identity.isOther ? identity : null));
  const directory = join(temporary, `drill-stack-${id}`);
  const keeper = startKeeper(id, directory); // before there is anything to remove
  makePrivateDirectory(directory, owner);
  cpSync(SCRIPTS, join(directory, 'bin'), { recursive: true });
  return {
    id,
    directory,
    write: (name, text) => writePrivateFile(join(directory, name), text, owner),
    remove: keeper.remove,
  };
}

/** In a session of its own, so that what ends the test's group leaves it. */
function startKeeper(id: string, directory: string) {
  const child = spawn(process.execPath, ['--import=tsx', KEEPER, id, directory], {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const exit = exitOf(child);
  return {
    remove: async () => {
      child.stdin.end();
      const ended = await exit;
      if (ended.code !== 0) throw new Error(`${directory} is not removed: ${describeExit(ended)}`);
    },
  };
}
