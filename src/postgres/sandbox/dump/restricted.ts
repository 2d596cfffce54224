// A dump as SQL may have commands of psql's own in it, and one of them runs programs. psql can be
// told to refuse them, by the key that newer dumps say it with themselves.
import { randomBytes } from 'node:crypto';
import { runToEnd } from '../../../host/process/run-to-end.ts';

const ASKED_AT_MOST_MS = 10_000;
/** The first line of what is in the database; before it stands what makes the database. */
const FIRST_INSIDE = /^-- (?:Data for )?Name: (?!DATABASE |[^;\n]*; Type: DATABASE).*\n/m;
const BEFORE_MAX = 1024 * 1024;

/** Null: that psql is too old to refuse anything. */
export async function restrictKey(psql: string): Promise<string | null> {
  const options = { atMost_ms: ASKED_AT_MOST_MS };
  const { stdout } = await runToEnd(psql, ['--help=commands'], options);
  return stdout.includes('\\restrict') ? randomBytes(24).toString('hex') : null;
}

/**
 * The same, of which psql runs no command but `\connect` to the database that the dump makes for
 * itself. The dump's own key goes; its `\unrestrict` has the wrong one, and frees nothing.
 */
export async function* restricted(
  chunks: AsyncIterable<Buffer>,
  key: string,
  creates: string | null,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`\\restrict ${key}\n`);
  let before: string | null = '';
  for await (const chunk of chunks) {
    if (before === null) {
      yield chunk;
      continue;
    }
    before += chunk.toString('latin1');
    if (!FIRST_INSIDE.test(before) && before.length < BEFORE_MAX) continue;
    yield Buffer.from(rewritten(before, key, creates), 'latin1');
    before = null;
  }
  if (before !== null) yield Buffer.from(rewritten(before, key, creates), 'latin1');
}

function rewritten(text: string, key: string, creates: string | null): string {
  const end = FIRST_INSIDE.exec(text)?.index ?? text.length;
  const connects = [`\\connect ${creates}`, `\\connect "${creates}"`];
  const lines = text
    .slice(0, end)
    .split('\n')
    .map((line) => {
      if (/^\\restrict \w+$/.test(line)) return '';
      const isOwn = creates !== null && connects.includes(line);
      // A line each: where one fails, psql drops what is left of it.
      return isOwn ? `\\unrestrict ${key}\n${line}\n\\restrict ${key}` : line;
    });
  return lines.join('\n') + text.slice(end);
}
