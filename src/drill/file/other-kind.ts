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

type Kind = keyof typeof KINDS;

export function expectKind(reading: YamlReading, kind: Kind): YamlReading {
  const { source } = reading;
  if (source === null || !isMapping(source.tree) || kind in source.tree) return reading;
  const { tree, name } = source;
  const other = (Object.keys(KINDS) as Kind[]).find((key) => key in tree);
  if (other === undefined) return reading;
  const { title, command } = KINDS[other];
  const expected = KINDS[kind].title.replace(/^a /, '');
  const message = `this is ${title}, and no ${expected}; try \`${command} ${name}\``;
  const finding = { path: [other], part: 'key', message } as const;
  return { source: null, diagnostics: [diagnosticAt(source, finding)] };
}
