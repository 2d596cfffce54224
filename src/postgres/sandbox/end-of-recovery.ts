// Why a backup could not be replayed to a database that is whole, and how far it came.
import { existsSync, readFileSync } from 'node:fs';
import type { RestoreFinding } from '../../evidence/backup/restore-form.ts';
import type { LogToReplay } from '../repository/restore-log.ts';
import type { RecoveryFailure } from '../restore/restored-server.ts';

/** What PostgreSQL says of a timeline that is not one of the backup's future. */
const OTHER_TIMELINE = /is not a child of this server's history|the server forked off from that/;
/** What it says where the log ends before the backup does. */
const TOO_SHORT = /WAL ends before|could not (locate|find|read).* checkpoint|invalid checkpoint/;

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
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  if (!HAS_BEGUN.test(log)) return 'never-begun';
  if (IS_OVER.test(log)) return 'unreached';
  const at = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(log)?.[1];
  const last = /last completed transaction was at log time (.+)/.exec(log)?.[1];
  const point =
    at === undefined ? 'no point could be reached' : `the last point that was reached is ${at}`;
  const when = last === undefined ? '' : `, its newest transaction of ${last}`;
  const missing = gap === null ? `the log goes to ${end}` : `segment ${gap} is missing`;
  const text = `${failure.message}; ${missing}; ${point}${when}`;
  if (OTHER_TIMELINE.test(log)) return { code: 'wrong-timeline', text };
  const isShort = gap !== null || TOO_SHORT.test(log);
  return { code: isShort ? 'missing-segment' : 'recovery-failed', text };
}
