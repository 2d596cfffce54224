// Single values from the environment and flags: `DRILL_TARGETS_RTO=5s`, `--set targets.rto=5s`.
import { isScalar, parseDocument, visit, type Document } from 'yaml';
import { guessHint } from '../../base/closest.ts';
import { sourceProblem, type Diagnostic } from './diagnostic.ts';
import { knownKeys, pathOfVariable } from './key-tree.ts';
import { lookUp, type ValueLayer } from './layers.ts';
import { reservedKeyProblem } from './reserved-keys.ts';
import type { Path } from './yaml-source.ts';

const VALUE_CHARACTERS_MAX = 4096;
const PREFIX = 'DRILL_';
/** The key of a drill file that names a variable. */
const PASSWORD = ['topology', 'system', 'password', 'env'];
/** Variables of drill that are no values of a drill file. */
const OTHER_VARIABLES = new Set([
  ...['SEED', 'OUT', 'KEEP', 'PG_BIN', 'CACHE', 'REQUIRE', 'RUN', 'QUEUE', 'HISTORY'],
  ...['CONSENT', 'DB_PASSWORD'], // of systems of somebody's own, as docs/attached.md has them
  ...['IMAGE_POSTGRES', 'IMAGE_REDIS', 'IMAGE_TOXIPROXY', 'IMAGE_NODE'],
  ...['CPUS', 'POSTGRES_MEMORY', 'REDIS_MEMORY', 'PROGRAM_MEMORY'], // of compose.yaml
]);

export interface ValueReading {
  readonly layers: readonly ValueLayer[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `tree` is what the files say: names of links and regions are looked up in it. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  tree: unknown,
): ValueReading {
  const layers: ValueLayer[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const name of Object.keys(environment).sort()) {
    const text = environment[name];
    const rest = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || text === undefined || OTHER_VARIABLES.has(rest)) continue;
    if (rest.startsWith('MESSAGE_')) continue; // a command that a game day tells runs a drill
    if (name === lookUp(tree, PASSWORD).value) continue;
    const path = pathOfVariable(rest, tree);
    if (path === null) {
      const known = [...knownKeys([]), ...OTHER_VARIABLES].map((key) => PREFIX + key.toUpperCase());
      const hint = guessHint(name, known) || '; it changes nothing';
      const message = `not a variable that drill knows${hint}`;
      diagnostics.push(sourceProblem(name, message, 'warning'));
      continue;
    }
    const value = readValue(path, text);
    if ('message' in value) diagnostics.push(sourceProblem(name, value.message));
    else layers.push({ name, path, ...value });
  }
  return { layers, diagnostics };
}

/** Each text is `dotted.key=value`. */
export function readSets(sets: readonly string[]): ValueReading {
  const layers: ValueLayer[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const set of sets) {
    const equals = set.indexOf('=');
    const key = equals < 0 ? set : set.slice(0, equals);
    const name = `--set ${key}`;
    const path = key.split('.');
    if (equals < 1 || path.includes('')) {
      const message = 'expected key=value, for example --set targets.rto=5s';
      diagnostics.push(sourceProblem(`--set ${set}`, message));
      continue;
    }
    const value = readValue(path, set.slice(equals + 1));
    if ('message' in value) diagnostics.push(sourceProblem(name, value.message));
    else layers.push({ name, path, ...value });
  }
  return { layers, diagnostics };
}

type Value = { readonly value: unknown } | { readonly message: string };

function keysIn(document: Document.Parsed): string[] {
  const keys: string[] = [];
  visit(document, { Pair: (_, { key }) => void keys.push(isScalar(key) ? String(key.value) : '') });
  return keys;
}

/** A value as it would stand in the file: numbers, lists and mappings too; no aliases. */
function readValue(path: Path, text: string): Value {
  const reserved = reservedKeyProblem(path);
  if (reserved !== null) return { message: reserved };
  if (text.length > VALUE_CHARACTERS_MAX) {
    return { message: `the value is longer than ${VALUE_CHARACTERS_MAX} characters` };
  }
  if (text.trim() === '') return { message: 'expected a value, got nothing' };
  try {
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
    const [error] = document.errors;
    if (error) return { message: `not a valid value: ${error.message}` };
    const inside = reservedKeyProblem(keysIn(document));
    if (inside !== null) return { message: inside };
    return { value: document.toJS({ maxAliasCount: 0 }) as unknown };
  } catch {
    return { message: 'not a valid value: aliases and deep nesting are not read here' };
  }
}
