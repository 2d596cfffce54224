// What of the user's environment reaches drill's own parts.
import { RUN_MARK } from './processes.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Variables that a library or a tool which the runner uses reads by itself, so that they would turn
 * drill's own parts elsewhere: `PGOPTIONS` of another database, `NODE_PG_FORCE_NATIVE`, `DEBUG`,
 * `TAR_OPTIONS`. Docker's and compose's say where the user's engine is: drill reads those itself.
 * The build of the library (`bin/build.js`) asks for it too.
 *
 * @public
 */
export const READ_BY_LIBRARIES =
  /^(PG[A-Z]|NODE_PG_|DOCKER_|COMPOSE_|DEBUG|REDIS|(TAR|CP|DU|GREP)_OPTIONS$|PS_|BLOCK_?SIZE$|DU_)/;

/** What a process of a run needs of it: where programs, libraries and files are. */
const FOR_PROCESSES = new RegExp(
  '^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|LANG|LC_[A-Z]+|(DY)?LD_LIBRARY_PATH|XDG_[A-Z_]+|' +
    'DRILL_[A-Z_]+|NODE_V8_COVERAGE)$',
);

/** Where machines share work and results, with a password in it: no process of a run gets it. */
const SECRETS: readonly string[] = ['DRILL_QUEUE', 'DRILL_HISTORY'];

/** Takes away from the process's own environment what libraries would read of it. */
export function forgetForeign(own: Record<string, string | undefined>): void {
  for (const name of Object.keys(own)) if (READ_BY_LIBRARIES.test(name)) delete own[name];
}

/** The environment of the user's own commands, and of `docker compose`, with the run's mark. */
export function markedEnvironment(own: Variables, run: string): Record<string, string> {
  return { ...chosen(own, () => true), [RUN_MARK]: run };
}

/** That of commands that drive somebody's own system: what they start there is not the run's. */
export function withoutMark(own: Variables): Variables {
  return chosen(own, (name) => name !== RUN_MARK);
}

/** The environment of every process of a run, with the run's mark. */
export function processEnvironment(own: Variables, run: string): Record<string, string> {
  return { ...chosen(own, (name) => FOR_PROCESSES.test(name)), [RUN_MARK]: run };
}

function chosen(own: Variables, isWanted: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(own).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && isWanted(name) && !SECRETS.includes(name);
  });
  return Object.fromEntries(entries);
}
