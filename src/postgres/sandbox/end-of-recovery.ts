// Why a backup could not be replayed to a database that is whole, and how far it came: by what the
// server says in its log.
import { existsSync, readFileSync } from 'node:fs';
import type { RestoreFinding } from '../../evidence/backup/restore-form.ts';
import type { LogToReplay } from '../repository/restore-log.ts';
import type { RecoveryFailure } from '../restore/restored-server.ts';

/** What PostgreSQL says of a timeline that is not one of the backup's future. */
const OTHER_TIMELINE = /is not a child of this server's history|the server forked off from that/;
/** What it says where the log ends before the backup does. */
const TOO_SHORT = /WAL ends before|could not (locate|find|read).* checkpoint|invalid checkpoint/;
/** A segment is there, and what was to bring it ended with an error. */
const NOT_BROUGHT = /could not restore file "(\w+)" from archive/;
/** The last words of a program that PostgreSQL has called stand in its log as they are. */
const TOOL_ERROR =
  /^(?!\d{4}-\d\d-\d\d ).*\b(error|ERROR|corrupt|unexpected|invalid|No such)\b.*$/gm;
/** A record that nobody wrote so. */
const BROKEN = new RegExp(
  'LOG: +((?:incorrect resource manager data checksum|invalid magic number|invalid info bits|' +
    'record with incorrect prev-link|unexpected pageaddr|out-of-sequence timeline|' +
    'invalid record (?:length|offset)|invalid contrecord length|there is no contrecord flag|' +
    'contrecord is requested|invalid resource manager|record length \\d+).*)',
);
const FOREIGN = /WAL file is from different database system: .* identifier is (\d+)/;

/** Where a server has come to the files of its database: what it says before is of the machine. */
const HAS_BEGUN = /database system was|starting (archive|backup) recovery|control file/;

/** It took connections: what went wrong then is no matter of the recovery. */
const IS_OVER = /database system is ready to accept connections/;

/** `unreached`: the server is there, and not the database or the user that were asked for. */
export function endOfRecovery(
  failure: RecoveryFailure,
  logFile: string,
  { end, gap }: LogToReplay,
): RestoreFinding | 'never-begun' | 'unreached' {
  const log = textOf(logFile);
  if (!HAS_BEGUN.test(log)) return 'never-begun';
  if (IS_OVER.test(log)) return 'unreached';
  const missing = gap === null ? `the log goes to ${end}` : `segment ${gap} is missing`;
  const said = NOT_BROUGHT.test(log) ? log.match(TOOL_ERROR)?.at(-1) : undefined;
  // What it makes of the code with which drill's own words end.
  const told = failure.message.replace(/: (command not executable|child process exited.*)$/, '');
  const why = said === undefined ? told : `${told}: ${said.trim()}`;
  const text = `${why}; ${missing}; ${pointIn(log)}`;
  if (OTHER_TIMELINE.test(log)) return { code: 'wrong-timeline', text };
  if (NOT_BROUGHT.test(log)) return { code: 'damaged-log', text };
  const isShort = gap !== null || TOO_SHORT.test(log);
  return { code: isShort ? 'missing-segment' : 'recovery-failed', text };
}

function pointIn(log: string): string {
  const at = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(log)?.[1];
  const last = /last completed transaction was at log time (.+)/.exec(log)?.[1];
  const when = last === undefined ? '' : `, its newest transaction of ${last}`;
  if (at !== undefined) return `the last point that was reached is ${at}${when}`;
  const segment = [...log.matchAll(/restored log file "([0-9A-F]{24})" from archive/g)].at(-1)?.[1];
  if (segment === undefined || !/redo starts at/.test(log)) return 'no point could be reached';
  return `the last point that was reached is the end of segment ${segment}`;
}

/** What it says of log that another cluster has written. */
export function foreignLogIn(logFile: string, system: string): RestoreFinding[] {
  const other = FOREIGN.exec(textOf(logFile))?.[1];
  if (other === undefined) return [];
  const text = `log in the archive is of the cluster ${other}, not of ${system}`;
  return [{ code: 'other-cluster', text }];
}

/** At what record replay ended, where that is one that nobody wrote so; null: it came to an end. */
export function brokenRecordIn(logFile: string): string | null {
  return BROKEN.exec(textOf(logFile))?.[1] ?? null;
}

function textOf(logFile: string): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
}
