// Facts about the machine's processes, from /proc where it exists (Linux) and from `ps` elsewhere
// (macOS).
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessUsage {
  readonly cpu_ms: number;
  /** Shared pages count for each process in part, where the system says so. */
  readonly memory_bytes: number;
}

/** Every answer is a snapshot: a process may end right after it. */
export interface ProcessTable {
  /**
   * When the process started, told from a later one with the same id; null when it is gone, or dead
   * and only not yet collected by its parent.
   */
  started(pid: number): string | null;
  /** Null for the first process, and for one that is gone. */
  parent(pid: number): number | null;
  /** Alive and stopped by a signal. */
  isStopped(pid: number): boolean;
  /** Null when it is gone, or another user's where that hides it. */
  usage(pid: number): ProcessUsage | null;
  /** The children, their children and so on, without `pid` itself. */
  descendants(pid: number): number[];
  /** Processes that have this id in a namespace of their own below this one. */
  inside(pid: number): number[];
  /** Processes that have the variable in their environment, and its value there. */
  valuesOf(name: string): { readonly pid: number; readonly value: string }[];
  /** The path of its standard output; null: it is no file, or cannot be seen. */
  output(pid: number): string | null;
  /** Processes of the program `program` that work in `directory` or below it. */
  workingBelow(directory: string, program: string): number[];
}

export function processTable(): ProcessTable {
  return existsSync('/proc/self/stat') ? procTable : psTable;
}

/**
 * Whether the ids in /proc are those that this process would send signals to: in a new namespace
 * without a /proc of its own they are other processes'.
 */
export function showsOwnProcesses(): boolean {
  const self = linkTo('/proc/self');
  return self === null || self === String(process.pid);
}

/** USER_HZ and the page size of Linux where drill runs (x86-64, arm64 with 4 KiB pages). */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

const procTable: ProcessTable = {
  started(pid) {
    const stat = statOf(pid);
    return stat === null || isDead(stat) ? null : `${bootId()}:${stat.started}`;
  },
  parent(pid) {
    return statOf(pid)?.parent || null;
  },
  isStopped(pid) {
    return statOf(pid)?.state === 'T';
  },
  usage(pid) {
    const fields = statFieldsOf(pid);
    if (fields === null) return null;
    const ticks = Number(fields[11]) + Number(fields[12]);
    const pss = /^Pss:\s+(\d+) kB/m.exec(readProc(pid, 'smaps_rollup') ?? '')?.[1];
    const memory_bytes = pss === undefined ? Number(fields[21]) * PAGE_BYTES : Number(pss) * 1024;
    return { cpu_ms: ticks * MS_PER_TICK, memory_bytes };
  },
  descendants(pid) {
    const direct = childrenOf(pid) ?? childrenByParent(pid);
    return direct.flatMap((child) => [child, ...procTable.descendants(child)]);
  },
  inside(pid) {
    return allPids().filter((each) => {
      const ids = /^NSpid:\t(.*)$/m.exec(readProc(each, 'status') ?? '')?.[1]?.split('\t') ?? [];
      return ids.length > 1 && Number(ids.at(-1)) === pid;
    });
  },
  valuesOf(name) {
    return allPids().flatMap((pid) => {
      const variables = readProc(pid, 'environ')?.split('\0') ?? [];
      const found = variables.find((each) => each.startsWith(`${name}=`));
      return found === undefined ? [] : [{ pid, value: found.slice(name.length + 1) }];
    });
  },
  output(pid) {
    const path = linkOf(pid, 'fd/1');
    return path?.startsWith('/') === true ? path : null;
  },
  workingBelow(directory, program) {
    return allPids().filter((pid) => {
      const work = linkOf(pid, 'cwd');
      if (work === null || !`${work}/`.startsWith(`${directory}/`)) return false;
      return readProc(pid, 'comm')?.trim() === program;
    });
  },
};

/** `/proc/PID/stat`: the name, in brackets, may hold anything, so fields count from its end. */
function statFieldsOf(pid: number): string[] | null {
  const text = readProc(pid, 'stat');
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** `started` counts clock ticks since boot. */
function statOf(pid: number) {
  const fields = statFieldsOf(pid);
  if (fields === null) return null;
  const [state = 'X', parent] = fields;
  return { state, parent: Number(parent), threads: Number(fields[17]), started: fields[19] ?? '' };
}

/**
 * A killed process is a zombie as soon as its first thread is dead; as long as another one still
 * dies, its sockets are open and take connections.
 */
function isDead({ state, threads }: { state: string; threads: number }): boolean {
  return state === 'X' || (state === 'Z' && !(threads > 1));
}

/** Null where the kernel does not list children (CONFIG_PROC_CHILDREN). */
function childrenOf(pid: number): number[] | null {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
  } catch {
    return null;
  }
}

function childrenByParent(pid: number): number[] {
  return allPids().filter((child) => statOf(child)?.parent === pid);
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return null; // it ended, or it is another user's
  }
}

function linkOf(pid: number, file: string): string | null {
  return linkTo(`/proc/${pid}/${file}`);
}

function linkTo(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

let boot: string | null = null;

function bootId(): string {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  } catch {
    boot = 'boot';
  }
  return boot;
}

/** `ps` tells no working directory, so the command line stands in: `postgres -D <data>`. */
const psTable: ProcessTable = {
  started(pid) {
    const row = psRows(['-o', 'pid=,ppid=,stat=,lstart=', '-p', String(pid)])[0];
    return row === undefined || row.rest.startsWith('Z') ? null : row.rest.replace(/^\S+\s+/, '');
  },
  usage(pid) {
    const row = psRows(['-o', 'pid=,ppid=,rss=,time=', '-p', String(pid)])[0];
    const [kilobytes = '', time = ''] = row?.rest.split(/\s+/) ?? [];
    if (row === undefined) return null;
    const cpu_s = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return { cpu_ms: cpu_s * 1_000, memory_bytes: Number(kilobytes) * 1024 };
  },
  parent(pid) {
    return psRows(['-o', 'pid=,ppid=,stat=', '-p', String(pid)])[0]?.parent || null;
  },
  isStopped(pid) {
    const row = psRows(['-o', 'pid=,ppid=,stat=', '-p', String(pid)])[0];
    return row?.rest.startsWith('T') ?? false;
  },
  descendants(pid) {
    const rows = psRows(['-ax', '-o', 'pid=,ppid=,stat=']);
    const below = (parent: number): number[] =>
      rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)]);
    return below(pid);
  },
  inside: () => [],
  valuesOf(name) {
    const rows = psRows(['-axEww', '-o', 'pid=,ppid=,command=']);
    return rows.flatMap(({ pid, rest }) => {
      const [, value] = new RegExp(` ${name}=(\\S+)`).exec(rest) ?? [];
      return value === undefined ? [] : [{ pid, value }];
    });
  },
  output: () => null,
  workingBelow(directory, program) {
    const rows = psRows(['-axww', '-o', 'pid=,ppid=,command=']);
    const found = rows.filter(
      (row) => row.rest.includes(program) && row.rest.includes(`-D ${directory}/`),
    );
    return found.flatMap((row) => [row.pid, ...psTable.descendants(row.pid)]);
  },
};

function psRows(args: string[]): { pid: number; parent: number; rest: string }[] {
  let text: string;
  try {
    text = execFileSync('ps', args, { encoding: 'utf8', timeout: 5000, maxBuffer: 64 << 20 });
  } catch {
    return []; // no such process
  }
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match
      ? [{ pid: Number(match[1]), parent: Number(match[2]), rest: match[3]!.trim() }]
      : [];
  });
}
