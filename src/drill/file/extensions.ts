// What there is to break and to recover with, for `drill list` and the reference.
import type * as z from 'zod';
import { definitionOf, FAULT_KINDS } from '../fault/registry.ts';
import { RECOVERY_NAMES, recoveryNamed } from '../recovery/registry.ts';
import { COMMON_SETTINGS, faultSettings } from './schema-faults.ts';

export interface Extension {
  readonly name: string;
  readonly summary: string;
  /** What each key in a drill file means. */
  readonly settings: Readonly<Record<string, string>>;
}

export function faultExtensions(): Extension[] {
  return FAULT_KINDS.map((name) => {
    const settings = wordsOf(faultSettings(name));
    return { name, summary: definitionOf(name).summary, settings };
  });
}

/** What every fault takes besides what is its own. */
export function commonSettings(): Extension['settings'] {
  return wordsOf(COMMON_SETTINGS);
}

export function recoveryExtensions(): Extension[] {
  return RECOVERY_NAMES.map((name) => {
    const { summary, settings, instances, deadline } = recoveryNamed(name);
    const scaled = instances === null ? {} : { instances };
    return { name, summary, settings: { ...wordsOf(settings), ...scaled, deadline } };
  });
}

function wordsOf(settings: z.ZodRawShape): Record<string, string> {
  const rows = Object.entries(settings) as [string, z.ZodType][];
  return Object.fromEntries(rows.map(([key, { description = '' }]) => [key, description]));
}
