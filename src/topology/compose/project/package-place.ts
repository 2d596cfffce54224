// Where this package lies: its compose file, and its build, for containers to read. Each program of
// the build is whole: it needs no module beside it.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../../host/environment-error.ts';

const ROOT = realpathSync(fileURLToPath(new URL('../../../..', import.meta.url)));

export const COMPOSE_FOLDER = join(ROOT, 'compose');

export interface PackagePlace {
  /** Mounted into the containers of drill's own programs. */
  readonly folder: string;
  /** Of the build, below it. */
  readonly dist: string;
}

export function packagePlace(): PackagePlace {
  const dist = join(ROOT, 'dist');
  if (!existsSync(join(dist, 'app', 'main.js'))) {
    throw new EnvironmentError({
      what: 'the build of drill',
      expected: `${dist}/app/main.js, which containers run`,
      found: 'no such file',
      hint: 'npm run build',
    });
  }
  return { folder: ROOT, dist: 'dist' };
}
