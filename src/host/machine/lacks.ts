// What a machine can run out of, and what it can refuse: how the operating system says so, how
// programs do in their logs, and what to do about it. One table for all that drill starts.
import type { EnvironmentProblem } from '../environment-error.ts';

export interface Lack extends Pick<EnvironmentProblem, 'expected' | 'hint'> {
  /** Codes of the operating system. */
  readonly codes: readonly string[];
  /** The system calls that the codes are about; left out: any. */
  readonly syscall?: RegExp;
  /** In the log of a program that could not go on; left out: no words say it for certain. */
  readonly says?: RegExp;
}

const NO_SPACE = String.raw`No space left on device|Disk quota exceeded|\b(?:ENOSPC|EDQUOT)\b`;
const NO_MEMORY = String.raw`Cannot allocate memory|\bENOMEM\b`;

const ELSEWHERE = 'put the run elsewhere with --out DIR and TMPDIR; then: drill clean';

export const DISK: Lack = {
  codes: ['ENOSPC', 'EDQUOT'],
  says: new RegExp(NO_SPACE, 'i'),
  expected: 'a disk that takes what is written',
  hint: `make room, or ${ELSEWHERE}`,
};

export const PORTS: Lack = {
  codes: ['EADDRNOTAVAIL'],
  syscall: /^connect/,
  says: /\bconnect EADDRNOTAVAIL\b|\blisten tcp \S+:0: bind: address already in use\b/i,
  expected: 'a free port for each connection',
  hint: 'a lower workload.rate, or more ports: sysctl net.ipv4.ip_local_port_range',
};

export const PROCESSES: Lack = {
  codes: ['EAGAIN'],
  syscall: /^spawn/,
  says: new RegExp(
    [
      String.raw`could not fork|fork system call failed|\bfork: retry|\bspawn \S+ EAGAIN\b`,
      'Resource temporarily unavailable', // bash, PostgreSQL, glibc
      'could not execute command .*: Cannot allocate memory', // PostgreSQL, whatever the cause
      String.raw`\b(?:uv_thread_create|pthread_create)\b|ERR_WORKER_INIT_FAILED`, // Node
      'failed to create new OS thread', // Go
      "Can't initialize Background Jobs", // Redis
    ].join('|'),
    'i',
  ),
  expected: 'that this user may start another process',
  hint: 'end some processes of this user, or allow more: ulimit -u 4096 (in bash)',
};

/** The first that fits: the system says of shared memory what it says of disks and memory. */
const LACKS: readonly Lack[] = [
  {
    codes: [],
    // One that is a file below the data directory lies on a disk.
    says: new RegExp(
      String.raw`\bshared memory\b(?!.*\bpg_dynshmem/).*(?:${NO_SPACE}|${NO_MEMORY})`,
      'i',
    ),
    expected: 'shared memory for a database',
    hint: 'allow more (sysctl kernel.shmmni kernel.shmall, a larger /dev/shm), or: drill clean',
  },
  DISK,
  {
    codes: ['EROFS'],
    says: /\bread-only file system\b|\bEROFS\b/i,
    expected: 'a file system that is mounted for writing',
    hint: `mount it for writing (mount -o remount,rw), or ${ELSEWHERE}`,
  },
  {
    codes: ['EIO'],
    says: /\bInput\/output error\b|\bEIO\b/i,
    expected: 'a disk without errors',
    hint: `read what the kernel says of it (dmesg), or ${ELSEWHERE}`,
  },
  {
    codes: ['EFBIG'],
    says: /\bfile too large\b|file size limit exceeded|\b(?:EFBIG|SIGXFSZ)\b/i,
    expected: 'files as large as they have to be',
    hint: 'allow larger ones, then try again: ulimit -f unlimited',
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    says: /too many open files|insufficient file descriptors|\b(?:EMFILE|ENFILE)\b/i,
    expected: 'file descriptors for all files and connections',
    hint: 'allow more, then try again: ulimit -n 4096 (as root also sysctl fs.file-max)',
  },
  PROCESSES,
  {
    codes: ['ENOMEM'],
    says: new RegExp(NO_MEMORY, 'i'),
    expected: 'memory for another process',
    hint: 'free some memory',
  },
  PORTS,
];

/** Where nobody asked whether the user may: that can be a question too, and this its answer. */
const PERMISSION: Lack = {
  codes: ['EACCES', 'EPERM'],
  syscall: /^(?!spawn|connect|bind|listen|kill|uv_)/, // those of files
  expected: 'files and folders that this user may use',
  hint: `let this user use them (ls -ld shows whose they are), or ${ELSEWHERE}`,
};

/** By the code of an error of the operating system. */
export function lackOf(error: NodeJS.ErrnoException): Lack | null {
  return LACKS.find((lack) => isOf(lack, error)) ?? null;
}

/** The same of an error that nobody expected: it can be for want of a permission too. */
export function refusalOf(error: NodeJS.ErrnoException): Lack | null {
  return lackOf(error) ?? (isOf(PERMISSION, error) ? PERMISSION : null);
}

function isOf(lack: Lack, { code = '', syscall = '' }: NodeJS.ErrnoException): boolean {
  return lack.codes.includes(code) && (lack.syscall?.test(syscall) ?? true);
}

/** By what a program said. */
export function lackIn(words: string): Lack | null {
  return LACKS.find(({ says }) => says?.test(words)) ?? null;
}
