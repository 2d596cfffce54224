// From the bytes of a YAML file to a tree of plain values, with the place of every key and value.
// Input is never trusted: size, aliases, cycles and nesting have limits, and whatever is wrong
// becomes a diagnostic.
import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { sourceProblem, type Diagnostic, type Place } from './diagnostic.ts';
import { reservedKeyProblem } from './reserved-keys.ts';
import {
  ALIASES_MAX,
  NODES_MAX,
  TOO_MANY_ALIASES,
  TOO_MANY_NODES,
  floodProblem,
} from './yaml-limits.ts';

export const FILE_BYTES_MAX = 1024 * 1024;
const PROBLEMS_MAX = 20;

export type Path = readonly (string | number)[];

/** A file's name as the user gave it, and its content. */
export interface SourceFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** A source of values. */
export interface Origin {
  readonly name: string;
  /** Where it states the key or the value at a path; null: nowhere. */
  readonly locate: (path: Path, part: 'key' | 'value') => Place | null;
}

/** A source that gives many values. */
export interface TreeLayer extends Origin {
  readonly tree: unknown;
}

export interface YamlReading {
  /** Null when the file cannot be used at all. */
  readonly source: TreeLayer | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one YAML document. `onEmpty` says what to do about a file without content. */
export function readYaml({ file, bytes }: SourceFile, onEmpty: string): YamlReading {
  const fatal = (message: string): YamlReading => ({
    source: null,
    diagnostics: [sourceProblem(file, message)],
  });
  if (bytes.length > FILE_BYTES_MAX) {
    return fatal(`the file has ${bytes.length} bytes; at most ${FILE_BYTES_MAX} (1 MiB) are read`);
  }
  const text = decode(bytes);
  if (text === null) return fatal(encodingMessage(bytes));
  const flood = floodProblem(text);
  if (flood !== null) return fatal(flood);
  return parse(file, text, fatal, onEmpty);
}

function parse(
  file: string,
  text: string,
  fatal: (message: string) => YamlReading,
  onEmpty: string,
): YamlReading {
  const lines = new LineCounter();
  const place = (start: number, end: number) => placeOf(file, text, lines, start, end);
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Duplicate keys are looked for below: the parser's own search takes quadratic time.
      uniqueKeys: false,
      stringKeys: true,
      // `<<: *anchor`, which people know from compose files.
      merge: true,
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return fatal('the content is nested too deeply to be read');
    throw error;
  }
  const problem: Problem = (severity, message, place) => {
    return { ...sourceProblem(file, message, severity), place };
  };
  const errors = document.errors
    .slice(0, PROBLEMS_MAX)
    .map((error) => problem('error', syntaxMessage(error), place(error.pos[0], error.pos[1])));
  if (errors.length > 0) return { source: null, diagnostics: errors };
  if (document.contents === null || isEmptyScalar(document.contents)) {
    return fatal(`the file is empty; ${onEmpty}`);
  }
  const tooMuch = sizeProblem(document);
  if (tooMuch !== null) return fatal(tooMuch);
  const { diagnostics, canUnfold } = structureProblems(document, place, problem);
  if (!canUnfold) return { source: null, diagnostics };
  let tree: unknown;
  try {
    tree = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    if (error instanceof RangeError) return fatal('the content is nested too deeply to be read');
    return fatal(`its aliases unfold into too much data (more than ${ALIASES_MAX} times)`);
  }
  const locate: Origin['locate'] = (path, part) => locateIn(document, path, part, place);
  return { source: { name: file, tree, locate }, diagnostics };
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function encodingMessage(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) return 'the file is UTF-16 text; save it as UTF-8';
  if (bytes.includes(0)) return 'the file is not text (it holds NUL bytes); expected YAML in UTF-8';
  return 'the file is not UTF-8 text; save it as UTF-8';
}

function syntaxMessage(error: { readonly code: string; readonly message: string }): string {
  if (error.code === 'TAB_AS_INDENT') return 'a tab indents this line; YAML indents with spaces';
  if (error.code === 'MULTIPLE_DOCS') {
    return 'a second YAML document begins here; a file holds one drill';
  }
  if (error.message.includes('call stack')) return 'nested too deeply to be read';
  return `not valid YAML: ${error.message.replace(/\.$/, '').replaceAll('\n', ' ')}`;
}

type Problem = (severity: Diagnostic['severity'], message: string, place: Place) => Diagnostic;
type PlaceAt = (start: number, end: number) => Place;

/**
 * An alias is looked up in time that grows with the file: both are bounded before that. The tokens
 * gave a lower bound; a value that is left out has none.
 */
function sizeProblem(document: Document.Parsed): string | null {
  let nodes = 0;
  let aliases = 0;
  visit(document, {
    Node(_, node) {
      nodes++;
      if (isAlias(node)) aliases++;
      return nodes > NODES_MAX ? visit.BREAK : undefined;
    },
  });
  if (nodes > NODES_MAX) return TOO_MANY_NODES;
  return aliases > ALIASES_MAX ? TOO_MANY_ALIASES : null;
}

/** Duplicate keys, aliases within what they stand for, and tags that mean nothing here. */
function structureProblems(document: Document.Parsed, place: PlaceAt, problem: Problem) {
  const found: Diagnostic[] = [];
  let canUnfold = true;
  const add = (message: string, start: number, end: number) => {
    if (found.length < PROBLEMS_MAX) found.push(problem('error', message, place(start, end)));
  };
  visit(document, {
    Map(_, map) {
      const seen = new Map<string, number>();
      for (const { key, value } of map.items as Pair<Node>[]) {
        const name = keyText(key);
        const [start, end] = key.range ?? [0, 0, 0];
        const reserved = reservedKeyProblem([name]);
        if (reserved !== null) {
          canUnfold = false;
          add(reserved, start, end);
        }
        if (isMergeKey(key) && !mergedBy(value, document).every(isMap)) {
          canUnfold = false;
          add('<< takes in a mapping, or a list of them: <<: *anchor', start, end);
        }
        const first = seen.get(name);
        if (first === undefined) seen.set(name, start);
        else {
          const { line } = place(first, first);
          add(`the key ${name} stands here twice, first in line ${line}`, start, end);
        }
      }
    },
    Alias(_, alias, ancestors) {
      const target = alias.resolve(document);
      const isLoop = target !== undefined && (ancestors as readonly unknown[]).includes(target);
      if (target && !isLoop) return;
      canUnfold = false;
      const [start, end] = alias.range ?? [0, 0, 0];
      const why = isLoop
        ? 'is part of what it stands for'
        : 'stands for nothing that was named before';
      add(`the alias *${alias.source} ${why}`, start, end);
    },
  });
  for (const warning of document.warnings.slice(0, PROBLEMS_MAX)) {
    found.push(problem('warning', syntaxMessage(warning), place(...warning.pos)));
  }
  return { diagnostics: found, canUnfold };
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** `<<` as it stands; in quotes it is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** What a merge key takes in, aliases followed: one node or several. */
function mergedBy(value: unknown, document: Document.Parsed): unknown[] {
  const [one] = throughAliases([value], document);
  return isSeq(one) ? throughAliases(one.items, document) : [one];
}

function throughAliases(nodes: readonly unknown[], document: Document.Parsed): unknown[] {
  return nodes.map((node) => (isAlias(node) ? node.resolve(document) : node));
}

/** Walks the nodes, through aliases, to the path. */
function locateIn(document: Document.Parsed, path: Path, part: 'key' | 'value', place: PlaceAt) {
  let node: unknown = document.contents;
  let key: unknown = null;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    key = null;
    if (isMap(node)) {
      const pair = pairIn(node, String(segment), document);
      if (pair === null) return null;
      key = pair.key;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      if (node === undefined) return null;
    } else return null;
  }
  const isEmpty = node === null || isEmptyScalar(node);
  const wanted = (key !== null && (part === 'key' || isEmpty) ? key : node) as Node | null;
  const range = wanted?.range;
  return range ? place(range[0], range[1]) : null;
}

/** The last one with the key; a merge key gives what the mapping does not say itself. */
function pairIn(map: YAMLMap, name: string, document: Document.Parsed): Pair | null {
  const own = map.items.findLast(({ key }) => keyText(key) === name);
  if (own !== undefined) return own;
  for (const { key, value } of map.items) {
    if (!isMergeKey(key)) continue;
    for (const merged of mergedBy(value, document)) {
      const found = isMap(merged) ? pairIn(merged, name, document) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

/** The part of the text from `start` to `end`, as far as it is in the line where it begins. */
function placeOf(file: string, text: string, lines: LineCounter, start: number, end: number) {
  const position = lines.linePos(Math.min(start, text.length));
  const line = Math.max(1, position.line);
  const lineStart = lines.lineStarts[line - 1] ?? 0;
  const newline = text.indexOf('\n', lineStart);
  const content = text.slice(lineStart, newline < 0 ? undefined : newline).replace(/\r$/, '');
  const column = Array.from(text.slice(lineStart, start)).length + 1;
  const stop = Math.min(end, lineStart + content.length);
  const length = Math.max(1, Array.from(text.slice(start, stop)).length);
  return { file, line, column, length, text: content };
}
