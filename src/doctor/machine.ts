// Facts about the machine that drills depend on.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { freeBytes } from '../host/files.ts';
import { findProgram } from '../host/find-program.ts';
import { platform } from '../host/platform.ts';
import { freePort, LOOPBACK } from '../host/ports.ts';
import { sharedMemory } from '../host/shared-memory.ts';
import {
  always,
  ok,
  onEmbedded,
  problem,
  warning,
  type DoctorCheck,
  type DoctorContext,
} from './check.ts';

const OLDEST_NODE: readonly [number, number] = [20, 19];
const PORTS_WANTED = 20;
const CLOCK_SAMPLES = 20;
const CLOCK_PAUSE_MS = 10;
const CLOCK_JUMP_MS = 20;
const LATE_MS = 50;
/** A ledger of some minutes, the survivors and the logs. */
const EVIDENCE_BYTES = 50 * 1024 * 1024;
const SEGMENTS_WANTED = 10;

export const nodeVersion: DoctorCheck = {
  name: 'Node',
  isNeeded: always,
  isQuick: true,
  async look() {
    const { node } = platform();
    const [major = 0, minor = 0] = node.split('.').map(Number);
    const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
    const oldest = OLDEST_NODE.join('.');
    return isOld ? problem(node, `install Node ${oldest} or newer`) : ok(node);
  },
};

export const runsFolder: DoctorCheck = {
  name: 'folder of runs',
  isNeeded: always,
  isQuick: true,
  async look({ runs }: DoctorContext) {
    let place = runs;
    while (!existsSync(place)) place = dirname(place);
    const free = freeBytes(place);
    const found = `${Math.floor(free / 2 ** 20)} MB free in ${place}`;
    if (free >= EVIDENCE_BYTES) return ok(found);
    const fix = 'free some, drill list runs --prune 10, or keep runs elsewhere: --out DIR';
    return problem(`${found}, ${EVIDENCE_BYTES >> 20} MB needed`, fix);
  },
};

/** A killed server leaves a segment behind until it is started again; `drill clean` does that. */
export const sharedMemoryRoom: DoctorCheck = {
  name: 'shared memory',
  isNeeded: onEmbedded,
  isQuick: true,
  async look() {
    const facts = sharedMemory();
    if (facts === null) return ok('not to be looked at on this system');
    const { segments, segments_max, orphans } = facts;
    const used = `${segments} of ${segments_max} segments in use (shmmni), ${orphans} by nobody`;
    const found = `${used}${devShm()}`;
    if (segments_max - segments < SEGMENTS_WANTED) {
      return problem(
        found,
        'drill clean; else remove those in use by nobody: ipcrm -m ID (ipcs -m)',
      );
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

export const ports: DoctorCheck = {
  name: 'ports',
  isNeeded: always,
  isQuick: false,
  async look() {
    const found = await Promise.all(Array.from({ length: PORTS_WANTED }, () => freePort()));
    return ok(`${new Set(found).size} free ones on ${LOOPBACK} at once`);
  },
};

/**
 * Drills divide their time by this clock: it must run evenly, and timers must not fire far too
 * late.
 */
export const clockSteadiness: DoctorCheck = {
  name: 'clock',
  isNeeded: always,
  isQuick: false,
  async look({ clock }: DoctorContext) {
    let latest_ms = 0;
    let apart_ms = 0;
    for (let i = 0; i < CLOCK_SAMPLES; i++) {
      const [now, wall] = [clock.now(), clock.wall()];
      await clock.sleep(CLOCK_PAUSE_MS);
      const passed = clock.now() - now;
      latest_ms = Math.max(latest_ms, passed - CLOCK_PAUSE_MS);
      apart_ms = Math.max(apart_ms, Math.abs(clock.wall() - wall - passed));
    }
    const found = `timers at most ${latest_ms.toFixed(1)} ms late`;
    if (apart_ms > CLOCK_JUMP_MS) {
      const jump = `the wall clock jumped by ${apart_ms.toFixed(0)} ms against the monotonic one`;
      return warning(jump, 'let the time synchronisation settle, then try again');
    }
    if (latest_ms <= LATE_MS) return ok(found);
    return warning(found, 'this machine is busy: results will be less certain');
  },
};

export const proxyServer: DoctorCheck = {
  name: 'proxy',
  isNeeded: onEmbedded,
  isQuick: false,
  async look({ environment }: DoctorContext) {
    const path = findProgram('toxiproxy-server', environment['PATH']);
    return ok(path === null ? 'the built-in one (no toxiproxy-server on PATH)' : path);
  },
};
