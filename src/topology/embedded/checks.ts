// What the embedded runtime needs of a machine: PostgreSQL, its user, template and room, and Redis
// where a drill has one.
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import { freeBytes, findProgram, makePrivateDirectory, removeTree } from '../../host/files.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { sharedMemory } from '../../host/machine/shared-memory.ts';
import { temporaryDirectory } from '../../host/temporary.ts';
import { locatePostgres, packageLinks } from '../../postgres/server/binaries.ts';
import { cacheDirectory } from '../../postgres/server/cache.ts';
import { databaseIdentity, ownerOf, type Identity } from '../../postgres/server/identity.ts';
import { filledPlace } from '../../postgres/server/filled-template.ts';
import { lookAtTemplate, TEMPLATE_BYTES } from '../../postgres/server/template.ts';
import { locateRedis } from '../../redis/binaries.ts';
import { RUN_BYTES } from './servers.ts';
import {
  ok,
  probeName,
  problem,
  warning,
  type DoctorCheck,
  type DoctorContext,
  type Finding,
} from '../machine-check.ts';

const SEGMENTS_WANTED = 10;
const ASK_AT_MOST_MS = 10_000;

const postgresPrograms: DoctorCheck = {
  name: 'PostgreSQL',
  isQuick: false, // the bring-up asks the same first of all
  async look({ environment }: DoctorContext) {
    const { bin, version } = await locatePostgres(environment, databaseIdentity());
    const major = Number(version.split('.')[0]);
    if (major >= 15) return ok(`${version} in ${bin}`);
    return problem(`${version} in ${bin}`, 'use 15 or newer: unset DRILL_PG_BIN, then npm ci');
  },
};

/** npm archives hold no links; without them the system's own libraries could be bound silently. */
const postgresLinks: DoctorCheck = {
  name: 'PostgreSQL links',
  isQuick: false,
  async look({ environment }: DoctorContext) {
    return linksFinding(packageLinks(environment));
  },
};

/** Nothing is to be done about those that are missing. */
export function linksFinding(links: ReturnType<typeof packageLinks>): Finding {
  if (links === null) return ok('not looked at: DRILL_PG_BIN names other programs');
  const { native, broken } = links;
  if (broken.length === 0) return ok(`all there in ${native}`);
  const mends = 'the next run mends them, or uses a copy of its own in the cache';
  return ok(`${broken.length} missing or wrong in ${native}: ${mends}`);
}

const databaseUser: DoctorCheck = {
  name: 'database user',
  isQuick: true,
  async look() {
    const { name, uid, isOther } = databaseIdentity();
    const why = isOther ? 'since drill runs as root, which PostgreSQL refuses' : 'this user';
    return ok(`databases run as ${name} (uid ${uid}), ${why}`);
  },
};

const template: DoctorCheck = {
  name: 'template cache',
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const identity = databaseIdentity();
    const binaries = await locatePostgres(environment, identity);
    const cache = cacheDirectory(environment, identity);
    const { state, kept, damage } = lookAtTemplate(cache, binaries, identity);
    if (state === 'ready') return ok(`ready in ${cache}`);
    if (state === 'none') {
      return ok(`${cache} is writable; the first run prepares PostgreSQL in it`);
    }
    return ok(`damaged in ${kept} (${damage}): the next run makes it anew`);
  },
};

const diskSpace: DoctorCheck = {
  name: 'disk space',
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
    const refused = await refusal(temporary, identity);
    if (refused !== null) {
      const found = `${identity.name} can write no file in ${temporary}: ${refused}`;
      return problem(found, 'name another directory: TMPDIR=/tmp drill …');
    }
    const megabytes = Math.floor(freeBytes(temporary) / 2 ** 20);
    return megabytes < 2048
      ? warning(`${megabytes} MB free in ${temporary}`, 'long drills may need more')
      : ok(`${megabytes} MB free in ${temporary}`);
  },
};

/** The room for rows of the databases' own is looked for before anything is filled. */
const roomForData: DoctorCheck = {
  name: 'room for data',
  isNeeded: ({ data = null }) => data !== null,
  isQuick: true,
  async look({ environment, needs: { data = null } }: DoctorContext) {
    if (data === null) return ok('not looked at: no topology.data');
    const identity = databaseIdentity();
    const temporary = temporaryDirectory(identity.isOther ? identity : null);
    const cache = cacheDirectory(environment, identity);
    const binaries = await locatePostgres(environment, identity);
    const isThere = existsSync(filledPlace({ cache, binaries, identity, bytes: data.bytes }));
    const template = isThere ? 0 : data.template_bytes;
    const run = { path: temporary, bytes: RUN_BYTES + data.run_bytes };
    // One file system has to have room for both.
    const isOne = statSync(temporary).dev === statSync(cache).dev;
    const wanted = isOne
      ? [{ ...run, bytes: run.bytes + template }]
      : [run, { path: cache, bytes: template }];
    const what = `${data.parts.join(', ')}${isThere ? '' : ', the filled template'}`;
    for (const { path, bytes } of wanted) {
      const free = freeBytes(path);
      if (free >= bytes) continue;
      const found = `${formatBytes(free)} free in ${path}, ${formatBytes(bytes)} needed (${what})`;
      return problem(
        found,
        'free some, point TMPDIR and DRILL_CACHE to a larger disk, or ask less',
      );
    }
    const needed = formatBytes(wanted.reduce((sum, { bytes }) => sum + bytes, 0));
    const isKept = 2 * data.bytes < totalmem();
    const fits = isKept ? 'which memory can hold: disks are read little' : 'more than memory holds';
    return ok(`${needed} for ${formatBytes(data.bytes)} of data in each database, ${fits}`);
  },
};

/** Why the databases could not keep their data there: a file is written as their user does. */
async function refusal(temporary: string, identity: Identity): Promise<string | null> {
  const made = join(temporary, probeName());
  try {
    mkdirSync(made, { mode: 0o700 });
    chmodSync(made, identity.isOther ? 0o711 : 0o700);
    const data = join(made, 'data');
    makePrivateDirectory(data, ownerOf(identity));
    const options = { owner: ownerOf(identity), atMost_ms: ASK_AT_MOST_MS };
    const script = ['-c', 'echo written > "$1/file"', 'sh', data];
    const { all, problem: failed } = await runToEnd('/bin/sh', script, options);
    return failed === null ? null : all.trim() || failed;
  } finally {
    removeTree(made);
  }
}

/** A killed server leaves a segment behind until it is started again; `drill clean` does that. */
const sharedMemoryRoom: DoctorCheck = {
  name: 'shared memory',
  isQuick: true,
  async look() {
    const facts = sharedMemory();
    if (facts === null) return ok('not to be looked at on this system');
    const { segments, segments_max, orphans } = facts;
    const left = `${orphans} of them left over`;
    const used = `${segments} of ${segments_max} segments in use (shmmni), ${left}`;
    const found = `${used}${devShm()}`;
    if (segments_max - segments < SEGMENTS_WANTED) {
      return problem(found, 'drill clean; else remove those left over: ipcrm -m ID (ipcs -m)');
    }
    const isMuch = orphans > segments_max / 10;
    return isMuch ? warning(found, 'drill clean (killed servers leave some behind)') : ok(found);
  },
};

/** Only to be known: the servers keep their large shared memory below their data directory. */
function devShm(): string {
  try {
    return `; /dev/shm has ${Math.floor(freeBytes('/dev/shm') / 2 ** 20)} MB free`;
  } catch {
    return '; no /dev/shm, and none is needed';
  }
}

const proxyServer: DoctorCheck = {
  name: 'proxy',
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const path = findProgram('toxiproxy-server', environment['PATH']);
    if (path === null) return ok('the built-in one (no toxiproxy-server on PATH)');
    const asked = await runToEnd(path, ['--version'], { atMost_ms: ASK_AT_MOST_MS });
    if (asked.problem === null) return ok(`${path}, ${asked.stdout.trim()}`);
    const found = `${path} cannot be started: ${asked.all.trim() || asked.problem}`;
    return problem(found, 'mend it, or take it off PATH: drill has a proxy of its own');
  },
};

const redisServer: DoctorCheck = {
  name: 'Redis',
  isNeeded: ({ redis }) => redis,
  isQuick: true,
  async look({ environment }: DoctorContext) {
    const { server, version } = locateRedis(environment);
    return ok(`${version}, ${server}`);
  },
};

export const EMBEDDED_CHECKS: readonly DoctorCheck[] = [
  databaseUser,
  postgresLinks,
  postgresPrograms,
  template,
  diskSpace,
  roomForData,
  sharedMemoryRoom,
  proxyServer,
  redisServer,
];
