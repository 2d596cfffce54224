// Runs the built command as a user would, in an empty folder of its own, and looks at what it
// leaves on the machine.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { findRunProcesses } from '../../../src/host/process/processes.ts';
import type { HostUser } from '../../../src/host/users.ts';
import type { Result } from '../../../src/verdict/result.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const COMMAND = join(ROOT, 'bin', 'drill.js');
const RUN_AT_MOST_MS = 120_000;

/** A small drill that is over in about eight seconds. */
export const SHORT_DRILL = `drill: 1
name: short
targets: { rto: 15s, rpo: 5s }
topology:
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 1, capacity: 400/s } }
    west: { role: standby, app: { instances: 1, capacity: 400/s } }
  gslb: { every: 100ms, timeout: 200ms, failures: 3, ttl: 1s }
workload: { rate: 100/s, writers: 8, payload: 64B, timeout: 500ms, seed_rows: 50 }
steady: { for: 1s }
faults:
  - { at: 500ms, kind: lose-region, region: east }
sustain: { for: 1s }
`;

/** With health checks and clients that a busy machine does not make impatient. */
export const PATIENT_DRILL = SHORT_DRILL.replace(
  'every: 100ms, timeout: 200ms',
  'every: 200ms, timeout: 1s',
).replace('timeout: 500ms', 'timeout: 2s');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test, with `drill.yaml` in it. */
export class Workplace {
  readonly directory = mkdtempSync(join(tmpdir(), 'drill-test-'));
  readonly #children: ChildProcess[] = [];
  readonly #user: HostUser | null;

  /**
   * With a user, the folder is that user's, and so is every process that is started here; root
   * only.
   */
  constructor(drill = SHORT_DRILL, user: HostUser | null = null) {
    this.#user = user;
    if (user !== null) chownSync(this.directory, user.uid, user.gid);
    this.write('drill.yaml', drill);
  }

  write(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text);
    return file;
  }

  /** Starts the command, or another copy of it; its output is collected. */
  start(
    args: readonly string[],
    env: Record<string, string> = {},
    command = COMMAND,
  ): RunningDrill {
    return this.startProgram(process.execPath, [command, ...args], env);
  }

  /** The same of whatever leads to the command. */
  startProgram(
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): RunningDrill {
    const user = this.#user;
    const ids = user === null ? {} : { uid: user.uid, gid: user.gid };
    const home = user === null ? {} : { HOME: this.directory };
    const before = new Set(this.runs());
    const child = spawn(program, args, {
      cwd: this.directory,
      env: { ...process.env, ...home, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...ids,
    });
    this.#children.push(child);
    return new RunningDrill(child, this, before);
  }

  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return await this.start(args, env).ended;
  }

  /** The directories of the runs made here, oldest first. */
  runs(): string[] {
    const runs = join(this.directory, '.drill', 'runs');
    if (!existsSync(runs)) return [];
    const entries = readdirSync(runs, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return names.toSorted().map((name) => join(runs, name));
  }

  result(run = this.runs().at(-1)): Result {
    return JSON.parse(readFileSync(join(run ?? '', 'result.json'), 'utf8')) as Result;
  }

  events(run = this.runs().at(-1)): RunEvent[] {
    const file = join(run ?? '', 'journal.ndjson');
    if (run === undefined || !existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent);
  }

  /** Every server that the runs made here have started. */
  postmasters(): number[] {
    return this.runs()
      .flatMap((run) => this.events(run))
      .flatMap((event) => (event.event === 'node.started' ? [event] : []))
      .filter(({ node }) => node.endsWith('/postgres'))
      .map(({ pid }) => pid);
  }

  /** Of the runs made here, as they are now. */
  processes(): number[] {
    return this.runs().flatMap((run) => findRunProcesses(basename(run), scratchOf(run)));
  }

  /** Processes and directories of the runs made here; other runs on this machine do not count. */
  leftBehind(): string[] {
    const directories = this.runs().map(scratchOf).filter(existsSync);
    return [...this.processes().map((pid) => `process ${pid}`), ...directories];
  }

  /** A test that failed, or ran out of time, may have left something: nobody would find it later. */
  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    if (this.leftBehind().length > 0) {
      const options = { cwd: this.directory, timeout: RUN_AT_MOST_MS };
      spawnSync(process.execPath, [COMMAND, 'clean', '--kept'], options);
      spawnSync(process.execPath, [COMMAND, 'down', '--all'], options);
    }
    // Of tables in a system of somebody's own: it goes with its test, so that nobody can drop them.
    if (this.processes().length === 0) {
      for (const run of this.runs()) rmSync(scratchOf(run), { recursive: true, force: true });
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function scratchOf(run: string): string {
  return join(tmpdir(), `drill-${basename(run)}`);
}

export class RunningDrill {
  readonly ended: Promise<Ended>;
  readonly child: ChildProcess;
  readonly #before: ReadonlySet<string>;
  readonly #place: Workplace;

  /** `before`: the runs of the place that are not this one's. */
  constructor(child: ChildProcess, place: Workplace, before: ReadonlySet<string>) {
    this.child = child;
    this.#place = place;
    this.#before = before;
    let stdout = '';
    let stderr = '';
    child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const limit = setTimeout(() => child.kill('SIGKILL'), RUN_AT_MOST_MS);
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        clearTimeout(limit);
        resolve({ code, signal, stdout, stderr });
      });
    });
  }

  /**
   * Resolves with the first event of its own run that `isIt` accepts; rejects when the run ends
   * before.
   */
  async event(what: string, isIt: (event: RunEvent) => boolean): Promise<RunEvent> {
    for (;;) {
      const own = this.#place.runs().findLast((run) => !this.#before.has(run));
      const found = own === undefined ? undefined : this.#place.events(own).find(isIt);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        const { stderr } = await this.ended;
        throw new Error(`the run ended without ${what}:\n${stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** System V segments whose maker, one of these processes, is dead: a killed PostgreSQL's. */
export function orphanedSegments(makers: readonly number[]): string[] {
  const { stdout } = spawnSync('ipcs', ['-mp'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => {
    const [id = '', , maker = ''] = line.trim().split(/\s+/);
    const isOurs = makers.includes(Number(maker));
    return /^\d+$/.test(id) && isOurs && !existsSync(`/proc/${maker}`);
  });
}
