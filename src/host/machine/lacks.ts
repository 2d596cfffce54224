// What a machine can run out of: how the operating system says so, how programs do in their logs,
// and what to do about it. One table for all that drill starts.
import type { EnvironmentProblem } from '../environment-error.ts';

export interface Lack extends Pick<EnvironmentProblem, 'expected' | 'hint'> {
  /** Codes of the operating system. */
  readonly codes: readonly string[];
  /** The start of the system call that the codes are about; left out: any. */
  readonly syscall?: string;
  /** In the log of a program that could not go on. */
  readonly says: RegExp;
}

const NO_SPACE = String.raw`No space left on device|Disk quota exceeded|\b(?:ENOSPC|EDQUOT)\b`;
const NO_MEMORY = String.raw`Cannot allocate memory|\bENOMEM\b`;

export const DISK: Lack = {
  codes: ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'],
  says: new RegExp(NO_SPACE, 'i'),
  expected: 'a disk that takes what is written',
  hint: 'make room, or put the run elsewhere with --out DIR and TMPDIR; then: drill clean',
};

export const PROCESSES: Lack = {
  codes: ['EAGAIN'],
  syscall: 'spawn',
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
    says: new RegExp(String.raw`\bshared memory\b.*(?:${NO_SPACE}|${NO_MEMORY})`, 'i'),
    expected: 'shared memory for a database',
    hint: 'allow more (sysctl kernel.shmmni kernel.shmall, a larger /dev/shm), or: drill clean',
  },
  DISK,
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
  {
    codes: ['EADDRNOTAVAIL'],
    syscall: 'connect',
    says: /\bconnect EADDRNOTAVAIL\b/i,
    expected: 'a free port for each connection',
    hint: 'a lower workload.rate, or more ports: sysctl net.ipv4.ip_local_port_range',
  },
];

/** By the code of an error of the operating system. */
export function lackOf({ code = '', syscall = '' }: NodeJS.ErrnoException): Lack | null {
  const found = LACKS.find((each) => {
    return each.codes.includes(code) && syscall.startsWith(each.syscall ?? '');
  });
  return found ?? null;
}

/** By what a program said. */
export function lackIn(words: string): Lack | null {
  return LACKS.find(({ says }) => says.test(words)) ?? null;
}
