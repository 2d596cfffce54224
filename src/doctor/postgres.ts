// Whether PostgreSQL can run here: its programs, their libraries, the user, the template, the room
// on disk.
import { freeBytes } from '../host/files.ts';
import { temporaryDirectory } from '../host/temporary.ts';
import { locatePostgres, packageLinks } from '../postgres/server/binaries.ts';
import { cacheDirectory } from '../postgres/server/cache.ts';
import { databaseIdentity } from '../postgres/server/identity.ts';
import { hasTemplate, TEMPLATE_BYTES } from '../postgres/server/template.ts';
import { RUN_BYTES } from '../topology/embedded/servers.ts';
import { ok, onEmbedded, problem, warning, type DoctorCheck, type DoctorContext } from './check.ts';

export const postgresPrograms: DoctorCheck = {
  name: 'PostgreSQL',
  isNeeded: onEmbedded,
  isQuick: false, // the bring-up asks the same first of all
  async look({ environment }: DoctorContext) {
    const { bin, version } = await locatePostgres(environment, databaseIdentity());
    const major = Number(version.split('.')[0]);
    if (major >= 15) return ok(`${version} in ${bin}`);
    return problem(`${version} in ${bin}`, 'use 15 or newer: unset DRILL_PG_BIN, then npm ci');
  },
};

/** npm archives hold no links; without them the system's own libraries could be bound silently. */
export const postgresLinks: DoctorCheck = {
  name: 'PostgreSQL links',
  isNeeded: onEmbedded,
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const links = packageLinks(environment);
    if (links === null) return ok('not looked at: DRILL_PG_BIN names other programs');
    const { native, broken } = links;
    if (broken.length === 0) return ok(`all there in ${native}`);
    const found = `${broken.length} missing or wrong in ${native}`;
    return warning(found, 'none needed: drill mends them, or uses a copy of its own in the cache');
  },
};

export const databaseUser: DoctorCheck = {
  name: 'database user',
  isNeeded: onEmbedded,
  isQuick: true,
  async look() {
    const { name, uid, isOther } = databaseIdentity();
    const why = isOther ? 'since drill runs as root, which PostgreSQL refuses' : 'this user';
    return ok(`databases run as ${name} (uid ${uid}), ${why}`);
  },
};

export const template: DoctorCheck = {
  name: 'template cache',
  isNeeded: onEmbedded,
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const identity = databaseIdentity();
    const binaries = await locatePostgres(environment, identity);
    const cache = cacheDirectory(environment, identity);
    if (hasTemplate(cache, binaries, identity)) return ok(`ready in ${cache}`);
    return ok(`${cache} is writable; the first run prepares PostgreSQL in it`);
  },
};

export const diskSpace: DoctorCheck = {
  name: 'disk space',
  isNeeded: onEmbedded,
  isQuick: false, // the bring-up asks the same
  async look({ environment }: DoctorContext) {
    const identity = databaseIdentity();
    const temporary = temporaryDirectory(identity.isOther ? identity : null);
    const cache = cacheDirectory(environment, identity);
    const places: [string, number, string][] = [
      [temporary, RUN_BYTES, 'TMPDIR'],
      [cache, TEMPLATE_BYTES, 'DRILL_CACHE'],
    ];
    for (const [path, needed, variable] of places) {
      const free = freeBytes(path);
      const found = `${free >> 20} MB free in ${path}, ${needed >> 20} MB needed`;
      if (free < needed) return problem(found, `free some, or set ${variable} to a larger disk`);
    }
    const megabytes = Math.floor(freeBytes(temporary) / 2 ** 20);
    return megabytes < 2048
      ? warning(`${megabytes} MB free in ${temporary}`, 'long drills may need more')
      : ok(`${megabytes} MB free in ${temporary}`);
  },
};
