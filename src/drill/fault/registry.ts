// Every fault, in the order in which `drill list faults` shows them. What a drill file may say,
// what a plan holds and what `src/fault/` has to have follow from here.
import type * as z from 'zod';
import { breakArchive } from './break-archive.ts';
import { corruptData } from './corrupt-data.ts';
import { cutLink } from './cut-link.ts';
import type { Effect, FaultDefinition, SettingsOf } from './fault.ts';
import { loseRegion } from './lose-region.ts';
import { maintenance } from './maintenance.ts';
import { slowLink } from './slow-link.ts';

const FAULTS = {
  'lose-region': loseRegion,
  maintenance,
  'corrupt-data': corruptData,
  'break-archive': breakArchive,
  'slow-link': slowLink,
  'cut-link': cutLink,
};

type Faults = typeof FAULTS;
export type FaultKind = keyof Faults;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** The definition by its kind, for whoever asks it of any fault. */
export function definitionOf(kind: FaultKind): FaultDefinition {
  return FAULTS[kind];
}

/** The keys of its own that a fault has in a drill file. */
export function keysOf(kind: FaultKind): string[] {
  const { settings, ends } = definitionOf(kind);
  return [...Object.keys(settings), ...(ends === null ? [] : ['heal_after'])];
}

/** A fault of a drill file: what every fault has, and its own settings. */
export type DrillFault = { [K in FaultKind]: StatedFault<K> & OwnSettings<Faults[K]> }[FaultKind];

type StatedFault<K extends FaultKind> = {
  readonly kind: K;
  readonly at: { readonly from_ms: number; readonly to_ms: number; readonly beforehand: boolean };
  readonly disaster?: boolean | undefined;
  readonly heal_after?: number | undefined;
  /** What it hits, where it says so. */
  readonly region?: string | undefined;
  readonly node?: string | undefined;
  readonly link?: string | undefined;
};

type OwnSettings<D> =
  D extends FaultDefinition<infer S extends z.ZodRawShape, infer _> ? SettingsOf<S> : never;

/** A fault of a plan: what every fault has, and what is its own. */
export type PlannedFault<K extends FaultKind = FaultKind> = {
  [Each in K]: AnyPlannedFault<Each> & Readonly<ReturnType<Faults[Each]['plan']>>;
}[K];

export interface AnyPlannedFault<K extends FaultKind = FaultKind> {
  readonly index: number;
  readonly kind: K;
  /** Whom it hits; the region whose data it harms. */
  readonly region: string;
  /** After the end of the steady state; 0 for what is there beforehand. */
  readonly at_ms: number;
  /** In place before the steady state: a condition under which the rest takes place. */
  readonly beforehand: boolean;
  /** The clock of the recovery time starts at this one. */
  readonly disaster: boolean;
  /** Ends by itself so long after the injection; null: healed after the recovery, if it heals. */
  readonly heal_after_ms: number | null;
  readonly effect: Effect;
}
