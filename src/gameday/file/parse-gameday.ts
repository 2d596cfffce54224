// From the bytes of a game-day file to a game day, or to all that is wrong with it, each at its
// place. Pure.
import { hasErrors, inOrder, type Diagnostic } from '../../drill/file/diagnostic.ts';
import { diagnosticAt, findingsOf, issueMessage } from '../../drill/file/issues.ts';
import { keysAt } from '../../drill/file/key-tree.ts';
import { lookUp } from '../../drill/file/layers.ts';
import { KEY_IS_MISSING, nearestPlace } from '../../drill/file/checked-layers.ts';
import { expectKind } from '../../drill/file/other-kind.ts';
import { readYaml, type Path, type SourceFile } from '../../drill/file/yaml-source.ts';
import { gameDayJsonSchema, gameDaySchema, type GameDay } from './schema.ts';
import { fillVariables } from './variables.ts';

export interface ParsedGameDay {
  /** Null where an error is among the diagnostics. */
  readonly gameday: GameDay | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a file's variables are taken from; `variables` go before the file's own. */
export interface GameDayValues {
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export function parseGameDay(
  source: SourceFile,
  { variables = {}, environment = {} }: GameDayValues = {},
): ParsedGameDay {
  const yaml = readYaml(source, '`drill gameday init` writes one to begin with');
  const read = expectKind(yaml, 'gameday');
  const problems: Diagnostic[] = [...read.diagnostics];
  const { source: origin } = read;
  if (origin === null) return { gameday: null, diagnostics: problems };
  const filled = fillVariables(origin.tree, variables, environment);
  problems.push(...filled.findings.map((finding) => diagnosticAt(origin, finding)));
  const said = new Set(filled.findings.map(({ path }) => path.join('.')));
  const isSaid = (path: Path) => said.has(path.join('.'));
  const parsed = gameDaySchema.safeParse(filled.tree, { error: issueMessage, reportInput: true });
  if (!parsed.success) {
    const known = (path: Path) => keysAt(gameDayJsonSchema(), path);
    for (const finding of findingsOf(parsed.error.issues, known)) {
      const { path } = finding;
      if (isSaid(path)) continue;
      const problem = diagnosticAt(origin, finding);
      const isThere = lookUp(filled.tree, path).found;
      const place = nearestPlace(origin, path.slice(0, -1));
      problems.push(isThere ? problem : { ...problem, message: KEY_IS_MISSING, place });
    }
  }
  const isRight = parsed.success && !hasErrors(problems);
  const gameday = isRight ? { ...parsed.data, secrets: filled.secrets } : null;
  return { gameday, diagnostics: inOrder(problems) };
}
