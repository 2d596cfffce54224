// Lines of the history that count for nothing are named, before what is shown without them.
import { HISTORY_FILE, type History } from '../../../archive/history/history.ts';
import type { CliContext } from '../../verb.ts';

const NAMED = 5;

export function tellDamage({ damaged }: History, { screen }: CliContext): void {
  for (const each of damaged.slice(0, NAMED)) {
    screen.stderr.write(`drill: warning: ${HISTORY_FILE}: left out: ${each}\n`);
  }
  const more = damaged.length - NAMED;
  if (more > 0) screen.stderr.write(`drill: warning: and ${more} more\n`);
}
