// A drill file where a game day was expected, or the other way round: said in one sentence, with
// the command that it is for, instead of key by key.
import { diagnosticAt } from './issues.ts';
import { isMapping } from './layers.ts';
import type { YamlReading } from './yaml-source.ts';

/** By the kind that is expected: the first key of the other one, and what is said of it. */
const OTHERS = {
  drill: {
    key: 'gameday',
    words: (file: string) => `this is a game day, and no drill; try \`drill gameday run ${file}\``,
  },
  gameday: {
    key: 'drill',
    words: (file: string) => `this is a drill, and no game day; try \`drill run ${file}\``,
  },
} as const;

export function expectKind(reading: YamlReading, kind: keyof typeof OTHERS): YamlReading {
  const { source } = reading;
  const { key, words } = OTHERS[kind];
  if (source === null || !isMapping(source.tree)) return reading;
  if (kind in source.tree || !(key in source.tree)) return reading;
  const finding = { path: [key], part: 'key', message: words(source.name) } as const;
  return { source: null, diagnostics: [diagnosticAt(source, finding)] };
}
