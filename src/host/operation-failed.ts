// What the world did not do: a database, a process, a proxy server, a container engine, a socket, a
// wait that ran out, a step that found what should not be. It decides what a run says of the system
// under test. Every other error is drill's own, and ends the run as that.
import { EnvironmentError, type EnvironmentProblem } from './environment-error.ts';
import { partFailure } from './machine/last-words.ts';
import { isLackOfMachine } from './machine/machine-error.ts';

export class OperationFailed extends Error {
  /** What was asked, or of whom: `west/postgres`, `the GSLB`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;

  /** `words`: the message, where the world has said it better than the three parts together do. */
  constructor(
    failed: Pick<OperationFailed, 'what' | 'expected' | 'found'>,
    options: ErrorOptions & { readonly words?: string } = {},
  ) {
    const { what, expected, found } = failed;
    super(options.words ?? `${what}: expected ${expected}, found ${found}`, options);
    this.name = 'OperationFailed';
    this.what = what;
    this.expected = expected;
    this.found = found;
  }
}

/** What a driver's call rejected with, in the driver's words; its own error is the cause. */
export function driverFailure(error: unknown, what: string): OperationFailed {
  if (error instanceof OperationFailed) return error;
  const found = saidBy(error);
  return new OperationFailed(
    { what, expected: 'what was asked to be done', found },
    { cause: error, words: found },
  );
}

/** What it says; of several addresses of a name each has its own. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code, errors } = error as Partial<AggregateError & { code: string }>;
  const all = errors?.map((each: Error) => each.message).join('; ');
  return message || all || code || 'an error without a word';
}

/** Has every request by `method` of the client reject with an `OperationFailed`. */
export function tellingFailures<C extends object>(client: C, method: keyof C, what: string): C {
  const send = (client[method] as (...args: unknown[]) => unknown).bind(client);
  const asked = (...args: unknown[]) => {
    const answer = send(...args);
    if (!(answer instanceof Promise)) return answer; // a stream tells by itself
    return answer.catch((error: unknown) => {
      throw driverFailure(error, what);
    });
  };
  return Object.assign(client, { [method]: asked });
}

/** Whether the world failed: an operation, the environment, or a call to the operating system. */
export function isFailure(error: unknown): error is Error {
  if (error instanceof OperationFailed || error instanceof EnvironmentError) return true;
  return error instanceof Error && 'syscall' in error;
}

/**
 * Why the world failed, in words. An error of drill's own is thrown on, and one of the machine,
 * which has nothing left to ask the world with.
 */
export function reasonOf(error: unknown): string {
  if (!isFailure(error) || isLackOfMachine(error)) throw error;
  return error.message;
}

/**
 * What `work` comes to. Where the world fails, that is a problem of the environment, with why as
 * what was found; once `signal` has aborted, its reason is thrown.
 */
export async function orProblem<T>(
  work: Promise<T>,
  problem: (error: unknown) => Omit<EnvironmentProblem, 'found'>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal?.throwIfAborted();
    throw partFailure({ ...problem(error), found: reasonOf(error) }, error);
  }
}

/** What `work` comes to; null where the world fails. */
export async function unlessFailed<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    reasonOf(error);
    return null;
  }
}
