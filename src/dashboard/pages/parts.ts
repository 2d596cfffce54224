// Parts of the dashboard's pages.
import { list } from '../../report/html/parts.ts';

const SHOWN = 20;

/** What is wrong; nothing where nothing is. */
export function problemList(problems: readonly string[]): string {
  const more = problems.length - SHOWN;
  const shown = problems.slice(0, SHOWN);
  return list('What is not as it should be', more > 0 ? [...shown, `and ${more} more`] : shown);
}
