// A problem with a drill file or another source of values, and how it is shown.
import { printable, visible } from '../../base/visible.ts';

/** 1-based; columns count code points. `text` is the whole source line. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Code points to underline, at least 1. */
  readonly length: number;
  readonly text: string;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Dotted key, `targets.rto` or `faults.0.region`; empty when it concerns the whole source. */
  readonly path: string;
  /** Complete without the place: what was expected, what came, what to do. */
  readonly message: string;
  /** The file, `DRILL_TARGETS_RTO`, `--set targets.rto`. */
  readonly source: string;
  readonly place: Place | null;
  /** The rule that found it; absent where the form of a value is wrong. */
  readonly rule?: string;
}

/** A problem of a source as a whole. */
export function sourceProblem(
  source: string,
  message: string,
  severity: Diagnostic['severity'] = 'error',
): Diagnostic {
  return { severity, path: '', message, source, place: null };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Problems of a file by line; what has no place keeps its order, before them. */
export function inOrder(problems: readonly Diagnostic[]): Diagnostic[] {
  const rank = ({ place }: Diagnostic) => (place === null ? 0 : place.line * 1e6 + place.column);
  return [...problems].sort((a, b) => rank(a) - rank(b));
}

const EXCERPT_WIDTH = 90;

/**
 * One diagnostic as text, with the source line and a caret under the part that is meant:
 *
 *     drills/a.yaml:4:17: error: targets.rto: expected a duration …
 *       4 | targets: { rto: 5 sec, rpo: 1s }
 *         |                 ^^^^^
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { place, severity, source } = diagnostic;
  // `--set targets.rto` says already which key it is about.
  const isNamed = diagnostic.path === '' || source.endsWith(diagnostic.path);
  const what = isNamed ? '' : `${diagnostic.path}: `;
  const where = place === null ? source : `${place.file}:${place.line}:${place.column}`;
  const head = printable(`${where}: ${severity}: ${what}${diagnostic.message}`);
  if (place === null) return head;
  const { before, marked, after } = excerpt(place);
  const number = String(place.line);
  const padding = before.replace(/[^\t]/gu, (character) => ' '.repeat(cells(character)));
  const width = Math.max(
    1,
    Array.from(marked).reduce((sum, each) => sum + cells(each), 0),
  );
  return [
    head,
    `  ${number} | ${before}${marked}${after}`,
    `  ${' '.repeat(number.length)} | ${padding}${'^'.repeat(width)}`,
  ].join('\n');
}

/** The line in three parts; a long one is cut around the part that is meant. */
function excerpt(place: Place): { before: string; marked: string; after: string } {
  const line = Array.from(place.text);
  const start = place.column - 1;
  const end = Math.min(start + place.length, start + EXCERPT_WIDTH, Math.max(line.length, start));
  const from = Math.max(0, end - EXCERPT_WIDTH);
  const to = Math.max(end, from + EXCERPT_WIDTH);
  const before = (from > 0 ? '…' : '') + line.slice(from > 0 ? from + 1 : 0, start).join('');
  const after = line.slice(end, to).join('') + (to < line.length ? '…' : '');
  const marked = line.slice(start, end).join('');
  return { before: visible(before), marked: visible(marked), after: visible(after) };
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f300}-\u{1faff}]/u;

/** Terminal cells that a character takes. */
function cells(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}
