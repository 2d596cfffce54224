// A file of another kind than was expected, such as a drill where a game day was: said in one
// sentence, with the command that it is for, instead of key by key.
import { diagnosticAt } from './issues.ts';
import { isMapping } from './layers.ts';
import type { YamlReading } from './yaml-source.ts';

/** By the first key of a file: what it is, and the command that it is for. */
const KINDS = {
  drill: { title: 'a drill', command: 'drill run' },
  gameday: { title: 'a game day', command: 'drill gameday run' },
  restore: { title: 'a restore drill', command: 'drill restore' },
} as const;

/** The form of what `drill attach` writes. */
const CONSENT = 'drill.consent/1';

type Kind = keyof typeof KINDS;

export function expectKind(reading: YamlReading, kind: Kind): YamlReading {
  const { source } = reading;
  if (source === null || !isMapping(source.tree)) return reading;
  const { tree, name } = source;
  const expected = KINDS[kind].title.replace(/^a /, '');
  const say = (path: string, message: string): YamlReading => {
    return {
      source: null,
      diagnostics: [diagnosticAt(source, { path: [path], part: 'key', message })],
    };
  };
  // It has the name of its drill under the key `drill`.
  if (tree['schema'] === CONSENT) {
    return say(
      'schema',
      `this is a consent, and no ${expected}; drill reads it with its drill file`,
    );
  }
  if (kind in tree) return reading;
  const other = (Object.keys(KINDS) as Kind[]).find((key) => key in tree);
  if (other === undefined) return reading;
  const { title, command } = KINDS[other];
  return say(other, `this is ${title}, and no ${expected}; try \`${command} ${name}\``);
}
