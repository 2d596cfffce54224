// How much a YAML file may hold, looked at token by token before it is parsed: the parser takes
// seconds and hundreds of megabytes for what the first few thousand tokens already give away.
import { CST, Lexer } from 'yaml';

export const ALIASES_MAX = 100;
const NESTING_MAX = 100;
/** Keys and values; a drill file has about a hundred. */
export const NODES_MAX = 5000;

export const TOO_MANY_NODES = `the file holds more than ${NODES_MAX} keys and values`;
export const TOO_MANY_ALIASES = `the file holds more than ${ALIASES_MAX} aliases`;

/** Tokens that stand for at least one key or value each. */
const NODES: ReadonlySet<string | null> = new Set([
  'scalar',
  'single-quoted-scalar',
  'double-quoted-scalar',
  'block-scalar-header',
  'flow-map-start',
  'flow-seq-start',
  'alias',
]);

/** What a text has too much of; null: it may be parsed. It is read no further than it must be. */
export function floodProblem(text: string): string | null {
  const count = { nodes: 0, aliases: 0, brackets: 0, dashes: 0 };
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (NODES.has(type)) count.nodes++;
    if (type === 'alias') count.aliases++;
    else if (type === 'flow-map-start' || type === 'flow-seq-start') count.brackets++;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') count.brackets--;
    else if (type === 'seq-item-ind') count.dashes++;
    else if (type === 'newline') count.dashes = 0;
    if (count.aliases > ALIASES_MAX) return TOO_MANY_ALIASES;
    if (count.nodes > NODES_MAX) return TOO_MANY_NODES;
    if (count.brackets > NESTING_MAX) return `brackets are nested deeper than ${NESTING_MAX}`;
    if (count.dashes > NESTING_MAX) return 'the content is nested too deeply to be read';
  }
  return null;
}
