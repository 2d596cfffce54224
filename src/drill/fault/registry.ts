// Every fault, in the order in which `drill list faults` shows them. What a drill file may say,
// what a plan holds and what `src/fault/` has to have follow from here.
import * as z from 'zod';
import { regionOf } from '../../base/node-name.ts';
import { writeDuration } from '../../base/units.ts';
import { plannedCondition, type Condition } from '../condition.ts';
import { count, ms, name, oneOf, type ValuesOf } from '../planned.ts';
import { appErrors } from './app/app-errors.ts';
import { appSlow } from './app/app-slow.ts';
import { breakArchive } from './break-archive.ts';
import { command } from './command.ts';
import { corruptData } from './corrupt-data.ts';
import { effect, type FaultDefinition, type SettingsOf } from './fault.ts';
import { loseGslb } from './gslb/lose-gslb.ts';
import { staleDns } from './gslb/stale-dns.ts';
import { bandwidth } from './link/bandwidth.ts';
import { blackhole } from './link/blackhole.ts';
import { flaky } from './link/flaky.ts';
import { latency } from './link/latency.ts';
import { limitData } from './link/limit-data.ts';
import { partition } from './link/partition.ts';
import { refuse } from './link/refuse.ts';
import { resetConnections } from './link/reset-connections.ts';
import { slowClose } from './link/slow-close.ts';
import { loseNetwork } from './lose-network.ts';
import { loseRegion } from './lose-region.ts';
import { maintenance } from './maintenance.ts';
import { crashLoop } from './node/crash-loop.ts';
import { fillDisk } from './node/fill-disk.ts';
import { freezeNode } from './node/freeze-node.ts';
import { killNode } from './node/kill-node.ts';
import { restartNode } from './node/restart-node.ts';
import { stopNode } from './node/stop-node.ts';
import { stressCpu } from './node/stress-cpu.ts';
import { stressMemory } from './node/stress-memory.ts';
import { delayDeclaration } from './operators/delay-declaration.ts';
import { halfDoneRunbook } from './operators/half-done-runbook.ts';
import { wrongRegion } from './operators/wrong-region.ts';
import { cancelSyncWait } from './store/cancel-sync-wait.ts';
import { corruptPage } from './store/corrupt-page.ts';
import { exhaustConnections } from './store/exhaust-connections.ts';
import { flush } from './store/flush.ts';
import { lockTable } from './store/lock-table.ts';
import { pauseReplay } from './store/pause-replay.ts';
import { stopReplication } from './store/stop-replication.ts';

/** They break nothing: they change what people do in the recovery, and hold once that begins. */
const OF_OPERATORS = {
  'delay-declaration': delayDeclaration,
  'wrong-region': wrongRegion,
  'half-done-runbook': halfDoneRunbook,
};
export type OperatorKind = keyof typeof OF_OPERATORS;

const FAULTS = {
  'lose-region': loseRegion,
  'lose-network': loseNetwork,
  maintenance,
  'corrupt-data': corruptData,
  'corrupt-page': corruptPage,
  'break-archive': breakArchive,
  'stop-replication': stopReplication,
  'pause-replay': pauseReplay,
  'cancel-sync-wait': cancelSyncWait,
  'exhaust-connections': exhaustConnections,
  'lock-table': lockTable,
  flush,
  partition,
  blackhole,
  refuse,
  latency,
  bandwidth,
  'slow-close': slowClose,
  'reset-connections': resetConnections,
  'limit-data': limitData,
  flaky,
  'kill-node': killNode,
  'stop-node': stopNode,
  'restart-node': restartNode,
  'freeze-node': freezeNode,
  'crash-loop': crashLoop,
  'stress-cpu': stressCpu,
  'stress-memory': stressMemory,
  'fill-disk': fillDisk,
  'app-errors': appErrors,
  'app-slow': appSlow,
  'lose-gslb': loseGslb,
  'stale-dns': staleDns,
  command,
  ...OF_OPERATORS,
};

type Faults = typeof FAULTS;
export type FaultKind = keyof Faults;
/** What is done to the system itself. */
export type SystemKind = Exclude<FaultKind, OperatorKind>;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export function isOfOperators(kind: string): kind is OperatorKind {
  return Object.hasOwn(OF_OPERATORS, kind);
}

/** Whom they hit, where a fault of the system has a region. */
export const OPERATORS = 'operators';

/** When a fault comes that has no moment after the steady state. */
export function withoutMoment(kind: string): string {
  return isOfOperators(kind) ? 'in the recovery' : 'before the steady state';
}

/** The definition by its kind, for whoever asks it of any fault. */
export function definitionOf(kind: FaultKind): FaultDefinition {
  return FAULTS[kind];
}

/** What some kinds were called in drill files, plans and journals of before. */
const FORMER_NAMES = { 'slow-link': 'latency', 'cut-link': 'partition' } as const;
export type FormerName = keyof typeof FORMER_NAMES;

export function isFormerName(kind: unknown): kind is FormerName {
  return typeof kind === 'string' && Object.hasOwn(FORMER_NAMES, kind);
}

/** What a kind is called now. */
export function todaysKind<K extends string>(kind: K): Exclude<K, FormerName> | FaultKind {
  return isFormerName(kind) ? FORMER_NAMES[kind] : (kind as Exclude<K, FormerName>);
}

/** The kind, and what it was called before. */
export function namesOf(kind: FaultKind): (FaultKind | FormerName)[] {
  const former = Object.keys(FORMER_NAMES).filter(isFormerName);
  return [kind, ...former.filter((name) => FORMER_NAMES[name] === kind)];
}

/** The keys of its own that a fault has in a drill file. */
export function keysOf(kind: FaultKind): string[] {
  const { settings, ends } = definitionOf(kind);
  return [...Object.keys(settings), ...(ends === null ? [] : ['for'])];
}

/** A fault of a drill file: what every fault has, and its own settings. */
export type DrillFault = { [K in FaultKind]: StatedFault<K> & OwnSettings<Faults[K]> }[FaultKind];

type StatedFault<K extends FaultKind> = {
  readonly kind: K;
  readonly at: { readonly from_ms: number; readonly to_ms: number; readonly beforehand: boolean };
  readonly disaster?: boolean | undefined;
  /** It waits from `at` on until this holds, for so long at most. */
  readonly when?: Condition | undefined;
  readonly wait_at_most?: number | undefined;
  readonly repeat?: { readonly times: number; readonly every: number } | undefined;
  readonly for?: number | undefined;
  /** What it hits, where it says so. */
  readonly region?: string | undefined;
  readonly node?: string | undefined;
  readonly link?: string | undefined;
};

type OwnSettings<D> =
  D extends FaultDefinition<infer S extends z.ZodRawShape, infer _> ? SettingsOf<S> : never;

/** A fault of a plan: what every fault has, and what is its own. */
export type PlannedFault<K extends FaultKind = FaultKind> = {
  [Each in K]: AnyPlannedFault<Each> & ValuesOf<Faults[Each]['planned']>;
}[K];

/** What a plan holds of every fault. */
export const everyFault = {
  index: count,
  /** Which it hits, or whose data it harms; `operators` where it is they. */
  region: name,
  /** After the end of the steady state; 0 for what is there beforehand. */
  at_ms: ms,
  /** In place before the steady state: a circumstance of all that follows. */
  beforehand: z.boolean(),
  /** The clock of the recovery time starts at this one. */
  disaster: z.boolean(),
  /** Ends by itself so long after the injection; null: healed after the recovery, if it heals. */
  heal_after_ms: ms.nullable(),
  effect,
};

/** Whether it hits that node: it alone, or with all of its region. */
export function hits(fault: PlannedFault, node: string): boolean {
  return 'node' in fault ? fault.node === node : fault.region === regionOf(node);
}

/** Whether a region is not what it was, or a node of it: dead, cut off or standing still. */
export function takesNodes({ effect, kind }: Pick<PlannedFault, 'effect' | 'kind'>): boolean {
  return effect.region !== 'untouched' && definitionOf(todaysKind(kind)).target !== 'gslb';
}

/** What a plan has of a fault where its file says so. */
const sometimes = {
  /** Injected once this holds: not before `at_ms`, and so much later at most. */
  when: plannedCondition.exactOptional(),
  wait_ms: ms.exactOptional(),
};

/** The range that the file states, of which the seed drew `at_ms`. */
const range = z.strictObject({ from_ms: ms, to_ms: ms });
export type DrawnFrom = Readonly<z.output<typeof range>>;

export type AnyPlannedFault<K extends FaultKind = FaultKind> = {
  readonly kind: K;
  /** Absent: the file states the moment itself, or an old version planned it. */
  readonly drawn_from?: DrawnFrom;
  readonly when?: Condition;
  readonly wait_ms?: number;
} & ValuesOf<typeof everyFault>;

/** `, drawn from 1s..4s`; empty where nothing was drawn. */
export function drawnWords(from: DrawnFrom | undefined): string {
  if (from === undefined) return '';
  return `, drawn from ${writeDuration(from.from_ms)}..${writeDuration(from.to_ms)}`;
}

export const plannedFault = oneOf(
  'kind',
  FAULT_KINDS.map((kind) => {
    const drawn = { drawn_from: range.exactOptional(), ...sometimes };
    const own = definitionOf(kind).planned;
    return z.strictObject({ ...everyFault, ...drawn, kind: z.literal(namesOf(kind)), ...own });
  }),
);
