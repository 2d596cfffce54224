// What pg_restore and psql said while they loaded a dump: whether it speaks against the dump,
// against the machine, or only against what drill was told.
import { lackIn } from '../../../host/machine/lacks.ts';
import { partFailure } from '../../../host/machine/last-words.ts';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { RestoreCheckResult, RestoreFinding } from '../../../evidence/backup/restore-form.ts';

const SHOWN = 3;
const ERROR = /^(?:pg_restore|psql)\b.*?(?:\b(?:error|ERROR|FATAL): +|(?=invalid command ))(.+)$/;
/** What newer dumps say to psql: older ones know nothing of it, and here their key is not it. */
const OF_RESTRICT = /invalid command \\(un)?restrict|error: \\unrestrict: wrong key/;
/** psql does not say which. */
const REFUSED = /^backslash commands are restricted;.*/;
const REFUSED_HERE = 'it has a command of psql (\\…), which is not run here';
const NO_EXTENSION = /extension "([^"]+)" is not available|open extension control file "([^"]+)"/;
const NO_LOCALE = /invalid (?:LC_\w+ )?locale name: "([^"]+)"|could not create locale "([^"]+)"/;
const NO_ROLE = /role "([^"]+)" does not exist/;
/** What a server of the sandbox refuses so that nothing is reached. */
const FOREIGN = /access to non-system foreign table|could not establish connection$/;

/** Whether a line of what they say tells of an error. */
export function isError(line: string): boolean {
  return ERROR.test(line);
}

/** What `pg_dump --clean` writes first fails for everything where nothing is there yet. */
const NOT_THERE = /^psql:<stdin>:(\d+): ERROR: .*\bdoes not exist\b/;

/** Whether it only says so. `first`: on which line the dump begins to make something, if known. */
export function isDropOfNothing(line: string, first: number | null): boolean {
  const at = NOT_THERE.exec(line)?.[1];
  return at !== undefined && (first === null || Number(at) < first);
}

export interface LoadReport {
  readonly checks: readonly RestoreCheckResult[];
  readonly findings: readonly RestoreFinding[];
}

/** `how`: null where the program ended with 0. Throws for what the machine lacks. */
export function readErrors(said: string, how: string | null): LoadReport {
  const errors = said
    .split('\n')
    .filter((line) => !OF_RESTRICT.test(line))
    .flatMap((line) => ERROR.exec(line)?.[1]?.trim().replace(REFUSED, REFUSED_HERE) ?? []);
  requireMachine(errors, said);
  const roles = new Set(errors.flatMap((error) => NO_ROLE.exec(error)?.[1] ?? []));
  const foreign = errors.filter((error) => FOREIGN.test(error));
  const others = errors.filter((error) => !NO_ROLE.test(error) && !FOREIGN.test(error));
  const checks: RestoreCheckResult[] = [];
  if (roles.size > 0) {
    const detail = `the dump does not carry ${[...roles].join(', ')}: name them in backup.roles`;
    checks.push({ name: 'its roles are there', state: 'skipped', detail });
  }
  if (foreign.length > 0) {
    const detail = 'something in it reads another server, and nothing reaches one from here';
    checks.push({ name: 'it stands alone', state: 'skipped', detail });
  }
  const isSilent = how !== null && errors.length === 0;
  const words = isSilent ? [said.trim().slice(-500) || how] : others;
  if (words.length === 0) return { checks, findings: [] };
  const more = words.length > SHOWN ? `; and ${words.length - SHOWN} more` : '';
  const text = `it was not loaded without errors: ${words.slice(0, SHOWN).join('; ')}${more}`;
  return { checks, findings: [{ code: 'load-failed', text }] };
}

function requireMachine(errors: readonly string[], said: string): void {
  const lacking = errors.find((error) => lackIn(error) !== null);
  if (lacking !== undefined) {
    const expected = 'it to be loaded';
    throw partFailure({
      what: 'the dump',
      expected,
      found: lacking,
      hint: '',
      log: said.split('\n'),
    });
  }
  const found = (what: RegExp) =>
    errors.flatMap((error) => what.exec(error)?.slice(1) ?? []).find(Boolean);
  const extension = found(NO_EXTENSION);
  if (extension !== undefined) {
    throw new EnvironmentError({
      what: 'the dump',
      expected: `the extension ${extension}, which it needs`,
      found: 'that it is not installed',
      hint: 'install the package of the extension for that version of PostgreSQL',
    });
  }
  const locale = found(NO_LOCALE);
  if (locale === undefined) return;
  throw new EnvironmentError({
    what: 'the dump',
    expected: `the locale ${locale}, which its database has`,
    found: 'that this machine does not know it',
    hint: `make it (localedef), or leave out --create`,
  });
}
