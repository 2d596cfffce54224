// What a check of a whole drill is, and what it can find.
import type { Drill } from '../file/schema.ts';
import type { Path } from '../file/yaml-source.ts';

/** Something that makes no sense; it is shown at the first of the paths that a source states. */
export interface Sense {
  readonly severity: 'error' | 'warning';
  readonly at: readonly Path[];
  readonly part: 'key' | 'value';
  readonly message: string;
}

export interface Check {
  /** Dotted keys without which the check would speak of values that nobody wrote. */
  readonly uses: readonly string[];
  readonly find: (drill: Drill) => readonly Sense[];
}

export function error(at: Path, message: string, part: Sense['part'] = 'value'): Sense {
  return { severity: 'error', at: [at], part, message };
}

export function warning(at: readonly Path[], message: string): Sense {
  return { severity: 'warning', at, part: 'value', message };
}
