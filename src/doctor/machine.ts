// The checks of the machine, in the order in which they are printed: what every drill needs, then
// what each runtime needs, which only its own drills do.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RUNTIME_NAMES, type RuntimeName } from '../drill/file/runtimes.ts';
import { freeBytes, removeTree } from '../host/files.ts';
import { platform } from '../host/platform.ts';
import { descriptorsMax } from '../host/machine/limits.ts';
import { isBusy, loadWords, type MachineLoad } from '../host/machine/load.ts';
import { loopbackProblem } from '../host/machine/loopback.ts';
import { machineFacts } from '../host/machine/machine-facts.ts';
import { LOOK_EVERY_MS, StallWatch } from '../host/stalls.ts';
import { freePort, LOOPBACK } from '../host/ports.ts';
import {
  isNeeded,
  ok,
  probeName,
  problem,
  warning,
  type DoctorCheck,
  type DoctorContext,
} from '../topology/machine-check.ts';
import { runtimes } from '../topology/runtimes.ts';

const OLDEST_NODE: readonly [number, number] = [20, 19];
const PORTS_WANTED = 20;
const CLOCK_SAMPLES = 20;
const CLOCK_PAUSE_MS = 10;
const CLOCK_JUMP_MS = 20;
const LATE_MS = 50;
/** The room that a ledger of some minutes, the survivors and the logs take. */
const EVIDENCE_BYTES = 50 * 1024 * 1024;

const nodeVersion: DoctorCheck = {
  name: 'Node',
  isQuick: true,
  async look() {
    const { node } = platform();
    const [major = 0, minor = 0] = node.split('.').map(Number);
    const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
    const oldest = OLDEST_NODE.join('.');
    return isOld ? problem(node, `install Node ${oldest} or newer`) : ok(node);
  },
};

const runsFolder: DoctorCheck = {
  name: 'folder of runs',
  isQuick: true,
  async look({ runs }: DoctorContext) {
    let place = runs;
    while (!existsSync(place)) place = dirname(place);
    const free = freeBytes(place);
    const found = `${Math.floor(free / 2 ** 20)} MB free in ${place}`;
    const refused = refusal(place);
    if (refused !== null) {
      return problem(
        `no file can be made in ${place}: ${refused}`,
        'keep them elsewhere: --out DIR',
      );
    }
    if (free >= EVIDENCE_BYTES) return ok(found);
    const fix = 'free some, drill list runs --prune 10, or keep runs elsewhere: --out DIR';
    return problem(`${found}, ${EVIDENCE_BYTES >> 20} MB needed`, fix);
  },
};

/** Why a run could not be kept there; tried by keeping something. */
function refusal(place: string): string | null {
  const made = join(place, `.${probeName()}`);
  try {
    mkdirSync(made, { mode: 0o700 });
    writeFileSync(join(made, 'file'), 'written', { flag: 'wx', flush: true });
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    removeTree(made);
  }
}

/** All parts of a drill speak over it. */
const loopback: DoctorCheck = {
  name: 'loopback',
  isQuick: true,
  async look() {
    const found = await loopbackProblem(LOOPBACK);
    if (found === null) return ok(`a connection over ${LOOPBACK} carries data`);
    const up = platform().system === 'darwin' ? 'ifconfig lo0 up' : 'ip link set lo up';
    return problem(`nothing can be reached on ${LOOPBACK} (${found})`, `bring it up: ${up}`);
  },
};

const descriptors: DoctorCheck = {
  name: 'file descriptors',
  isQuick: true,
  async look({ needs }: DoctorContext) {
    const most = descriptorsMax();
    if (most === null) return ok('not to be looked at on this system');
    const found = `${most} for each process, ${needs.descriptors} needed`;
    if (most >= needs.descriptors) return ok(found);
    return problem(found, `allow more: ulimit -n ${needs.descriptors}, or a lower workload.rate`);
  },
};

const ports: DoctorCheck = {
  name: 'ports',
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
const clockSteadiness: DoctorCheck = {
  name: 'clock',
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
    return warning(found, 'run drills when less else runs: their times will be less certain');
  },
};

/** Looks for as long as a few checks of a health check take, as a run watches itself. */
const LOOKS = 20;

/** What a busy machine does to a run: parts of drill do not get to run, and it proves nothing. */
export function machineLoad(loadNow: (wall_ms: number) => MachineLoad = machineFacts): DoctorCheck {
  return {
    name: 'load',
    isQuick: false,
    async look({ clock }: DoctorContext) {
      const machine = loadNow(clock.wall());
      const watch = new StallWatch(() => clock.now());
      for (let i = 0; i < LOOKS; i++) {
        await clock.sleep(LOOK_EVERY_MS);
        watch.look();
      }
      const longest_ms = Math.max(0, ...watch.look().map(({ ms }) => ms));
      const stood = longest_ms === 0 ? '' : `; drill stood still for ${longest_ms.toFixed(0)} ms`;
      const found = `${loadWords(machine)}${stood}`;
      if (!isBusy(machine) && longest_ms === 0) return ok(found);
      return warning(
        found,
        'run drills when less else runs (uptime shows the load): here they can end inconclusive',
      );
    },
  };
}

const GENERAL: readonly DoctorCheck[] = [
  nodeVersion,
  runsFolder,
  loopback,
  descriptors,
  ports,
  clockSteadiness,
  machineLoad(),
];

/** The checks of other runtimes are not even loaded where they are not asked for. */
export async function doctorChecks(
  names: readonly RuntimeName[] = RUNTIME_NAMES,
): Promise<DoctorCheck[]> {
  const own = await Promise.all(names.map(checksOf));
  return [...GENERAL, ...own.flat()];
}

async function checksOf(name: RuntimeName): Promise<DoctorCheck[]> {
  const checks = await runtimes[name].checks();
  return checks.map((check) => ({
    ...check,
    isNeeded: (needs) => needs.runtime === name && isNeeded(check, needs),
  }));
}
