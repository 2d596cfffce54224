// What the machine itself has run out of: disk, file descriptors, processes, memory. Nothing that
// is seen after that proves anything of the system under test.
import { EnvironmentError, type EnvironmentProblem } from '../environment-error.ts';
import { tailOf } from '../files.ts';

interface Lack extends Pick<EnvironmentProblem, 'expected' | 'hint'> {
  /** Codes of the operating system. */
  readonly codes: readonly string[];
  /** The start of the system call that the codes are about; left out: any. */
  readonly syscall?: string;
  /** In the log of a program that could not go on. */
  readonly says: RegExp;
}

const LACKS: readonly Lack[] = [
  {
    codes: ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG'],
    says: /No space left on device|Disk quota exceeded|\b(?:ENOSPC|EDQUOT)\b/i,
    expected: 'a disk that takes what is written',
    hint: 'make room, or put the run elsewhere with --out DIR and TMPDIR; then: drill clean',
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    says: /too many open files|insufficient file descriptors|\b(?:EMFILE|ENFILE)\b/i,
    expected: 'file descriptors for all files and connections',
    hint: 'allow more, then try again: ulimit -n 4096 (as root also sysctl fs.file-max)',
  },
  {
    codes: ['EAGAIN'],
    syscall: 'spawn',
    says: /could not fork|Resource temporarily unavailable|\bspawn \S+ EAGAIN\b/i,
    expected: 'that this user may start another process',
    hint: 'end some processes of this user, or allow more: ulimit -u 4096 (in bash)',
  },
  {
    codes: ['ENOMEM'],
    says: /Cannot allocate memory|\bENOMEM\b/i,
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
/** What lacks, where nobody knows for what it was needed. */
export const NEEDED = 'what drill needs of the machine';
const READ_LINES = 50;
const CONTROL = /\p{Cc}+/gu;

/**
 * An `EnvironmentError` where the machine has run out of something, also as the cause of the error;
 * null for any other error.
 */
export function machineError(error: unknown, what: string): EnvironmentError | null {
  if (!(error instanceof Error)) return null;
  const { code = '', syscall = '', message } = error as NodeJS.ErrnoException;
  const lack = LACKS.find((each) => {
    return each.codes.includes(code) && syscall.startsWith(each.syscall ?? '');
  });
  return lack === undefined ? machineError(error.cause, what) : failure(lack, what, message, error);
}

/** Whether the machine has run out of something: the error says nothing of who was asked. */
export function isLackOfMachine(error: unknown): boolean {
  return machineError(error, NEEDED) !== null;
}

/**
 * Ends this program, with the error in its log, where the machine has run out of something: what it
 * would say of those whom it asks from then on is not true.
 */
export function endWithoutMachine(error: unknown): void {
  if (!isLackOfMachine(error)) return;
  setImmediate(() => {
    throw error;
  });
}

/** The same by what a part said before it ended. */
export function machineErrorIn(words: string, what: string): EnvironmentError | null {
  const lack = LACKS.find(({ says }) => says.test(words));
  return lack === undefined ? null : failure(lack, what, words);
}

/** Less room than the next file of a database takes. */
export function diskIsFull(what: string, found: string): EnvironmentError {
  return failure(LACKS[0]!, what, found);
}

/** The last line of a log in which a part says why it cannot go on; null where none does. */
export function lastWords(logFile: string): string | null {
  const lines = tailOf(logFile, READ_LINES).toReversed();
  const line = lines.find(isLack) ?? lines.find((each) => /\b(?:PANIC|FATAL):/.test(each));
  // PostgreSQL's lines begin with the time and the process.
  return line?.replace(/^.*?\b(?:PANIC|FATAL|ERROR|LOG): +/, '').replace(CONTROL, ' ') ?? null;
}

function isLack(line: string): boolean {
  return LACKS.some(({ says }) => says.test(line));
}

function failure(
  { expected, hint }: Lack,
  what: string,
  found: string,
  cause?: unknown,
): EnvironmentError {
  return new EnvironmentError({ what, expected, found, hint, isMachine: true }, { cause });
}
