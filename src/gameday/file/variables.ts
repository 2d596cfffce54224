// `${name}` in the texts of a game-day file: a value of its `variables`, or with `${env.NAME}` one
// of the environment, where secrets belong. `$${` is a plain `${`. Pure.
import { guessHint } from '../../base/closest.ts';
import type { Finding } from '../../drill/file/issues.ts';
import { isMapping } from '../../drill/file/layers.ts';
import type { Path } from '../../drill/file/yaml-source.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Filled {
  readonly tree: unknown;
  readonly findings: readonly Finding[];
  /** Values of the environment that stand where secrets do. */
  readonly secrets: readonly string[];
}

/** Where secrets stand: in URLs, headers and commands. */
const SECRET_KEYS: readonly unknown[] = ['notify', 'preconditions'];
/** What is shorter is no secret, and stands in many a word. */
const SECRET_LENGTH = 8;

const PLACE = /\$?\$\{([^}]*)\}/g;

/** The tree of a file with its variables in place; `over` goes before those of the file. */
export function fillVariables(
  tree: unknown,
  over: Values,
  environment: Readonly<Record<string, string | undefined>>,
): Filled {
  const own = isMapping(tree) && isMapping(tree['variables']) ? tree['variables'] : {};
  const values = { ...own, ...over };
  const findings: Finding[] = [];
  const secrets = new Set<string>();
  const look = (name: string, path: Path): string => {
    const isOutside = name.startsWith('env.');
    const value = isOutside ? environment[name.slice(4)] : values[name];
    const mayBeSecret = isOutside && SECRET_KEYS.includes(path[0]);
    if (mayBeSecret && String(value).length >= SECRET_LENGTH) secrets.add(String(value));
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    findings.push({ path, part: 'value', message: unknown(name, Object.keys(values)) });
    return '';
  };
  const fill = (node: unknown, path: Path): unknown => {
    if (typeof node === 'string') {
      return node.replaceAll(PLACE, (found, name: string) =>
        found.startsWith('$$') ? found.slice(1) : look(name.trim(), path),
      );
    }
    if (Array.isArray(node)) return node.map((item, index) => fill(item, [...path, index]));
    if (!isMapping(node)) return node;
    const isVariables = (key: string) => path.length === 0 && key === 'variables';
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        isVariables(key) ? value : fill(value, [...path, key]),
      ]),
    );
  };
  const filled = fill(tree, []);
  return { tree: filled, findings, secrets: [...secrets] };
}

function unknown(name: string, known: readonly string[]): string {
  if (name.startsWith('env.')) return `the environment has no ${name.slice(4)}`;
  const hint = guessHint(name, known);
  if (hint !== '') return `there is no variable "${name}"${hint}`;
  if (known.length === 0) return `there is no variable "${name}": the file has no \`variables\``;
  return `there is no variable "${name}"; known here: ${known.join(', ')}`;
}
