// Where this package lies: its compose file, and the folder that holds its build together with all
// modules that its programs need, for containers to read.
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../../../host/environment-error.ts';

const ROOT = realpathSync(fileURLToPath(new URL('../../../..', import.meta.url)));
/** Of the programs that run in containers: the app and the GSLB. */
const NEEDED = ['pg', 'ioredis', 'dns-packet'];

export const COMPOSE_FOLDER = join(ROOT, 'compose');

export interface PackagePlace {
  /** Mounted into the containers of drill's own programs. */
  readonly folder: string;
  /** Of the build, below it. */
  readonly dist: string;
}

/** The nearest folder above the build and the modules: they may have been hoisted out of ours. */
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
  const { resolve } = createRequire(join(ROOT, 'package.json'));
  let folder = ROOT;
  for (const module of NEEDED.map((name) => realpathSync(resolve(name)))) {
    const holds = () => folder === dirname(folder) || module.startsWith(`${folder}/`);
    while (!holds()) folder = dirname(folder);
  }
  return { folder, dist: relative(folder, dist) };
}
