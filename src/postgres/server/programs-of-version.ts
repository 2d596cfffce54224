// The programs of one major version of PostgreSQL: those that drill uses anyway, else those that
// the system's packages have put where they always do.
import { existsSync } from 'node:fs';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import { locatePostgres, type PostgresBinaries } from './binaries.ts';
import type { Identity } from './identity.ts';

/** Of Debian and its like, and of the RPMs of PostgreSQL's own. */
export const placesOfVersion = (major: string) => [
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/pgsql-${major}/bin`,
];

/** `major`: as `PG_VERSION` of a data directory has it. */
export async function postgresOfVersion(
  major: string,
  environment: ProcessEnvironment,
  identity: Identity,
): Promise<PostgresBinaries> {
  const found: string[] = [];
  for (const bin of [environment['DRILL_PG_BIN'] || null, null, ...placesOfVersion(major)]) {
    if (bin !== null && !existsSync(bin)) continue;
    const stated = { ...environment, DRILL_PG_BIN: bin ?? undefined };
    const programs = await locatePostgres(stated, identity).catch((error: unknown) => {
      if (error instanceof EnvironmentError) return null;
      throw error;
    });
    if (programs === null) continue;
    if (programs.version.split('.')[0] === major) return programs;
    found.push(programs.version);
  }
  throw new EnvironmentError({
    what: `PostgreSQL ${major}, which the data directory is of`,
    expected: `its programs postgres and initdb, such as in ${placesOfVersion(major)[0]}`,
    found: found.length === 0 ? 'none' : `only version ${[...new Set(found)].join(', ')}`,
    hint: `apt-get install postgresql-${major}; or name a directory: DRILL_PG_BIN=DIR drill …`,
  });
}
