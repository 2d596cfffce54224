// What a rule for a whole drill file is, and what it can find.
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from '../plan/clock.ts';
import type { Runtimes } from '../file/runtimes.ts';
import type { Path } from '../file/yaml-source.ts';

export interface Rule {
  /** For other programs: `rate-fits-active`. */
  readonly name: string;
  /** Dotted keys. A rule that looks at a broken one would speak of values that nobody wrote. */
  readonly looksAt: readonly string[];
  readonly find: (drill: Drill, runtimes: Runtimes) => readonly Problem[];
  /** What it finds is of one fault each, whatever the others are: these may be broken. */
  readonly ofEachFault?: true;
}

/** Has the parts of a rule stand side by side in its list. */
export function rule(name: string, looksAt: Rule['looksAt'], find: Rule['find']): Rule {
  return { name, looksAt, find };
}

/** The same where it looks at each fault by itself; `faults.*` is all of one. */
export function ofEachFault(name: string, looksAt: Rule['looksAt'], find: Rule['find']): Rule {
  return { name, looksAt, find, ofEachFault: true };
}

/** Rules that speak of a disaster and what recovers from it. */
export function ofDisasters(rules: readonly Rule[]): Rule[] {
  return rules.map((each) => onlyWhere(hasDisaster, each));
}

/** Rules that speak of what only a system has that drill makes. */
export function ofLabs(rules: readonly Rule[]): Rule[] {
  return rules.map((each) => onlyWhere(({ topology }) => topology.system === undefined, each));
}

/** Rules that speak of drills with `disaster: none`. */
export function withoutDisaster(rules: readonly Rule[]): Rule[] {
  return rules.map((each) => onlyWhere((drill) => !hasDisaster(drill), each));
}

function onlyWhere(fits: (drill: Drill) => boolean, each: Rule): Rule {
  return { ...each, find: (drill, runtimes) => (fits(drill) ? each.find(drill, runtimes) : []) };
}

/** Something that makes no sense; it is shown at the first of the paths that a source states. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly at: readonly Path[];
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** One path, or several, of which the first one that is stated is shown. */
export type Place = Path | readonly Path[];

export function error(at: Place, message: string, part: Problem['part'] = 'value'): Problem {
  return { severity: 'error', at: pathsOf(at), part, message };
}

export function warning(at: Place, message: string): Problem {
  return { severity: 'warning', at: pathsOf(at), part: 'value', message };
}

function pathsOf(at: Place): readonly Path[] {
  return Array.isArray(at[0]) ? (at as readonly Path[]) : [at as Path];
}
