// What a running system is to the engine, the faults and the recoveries. Each runtime brings one
// up; nothing above this folder knows which. A lab is one that drill has made, and can do anything
// to; a system of somebody's own is watched, and disturbed by commands alone.
import type { Plan } from '../../drill/plan/plan.ts';
import type { CheckResult, Emit, EventBodies, KeptNode, NodeUsage } from '../../evidence/event.ts';
import type { Disturbance } from '../../app/disturbance.ts';
import type { Effect, Undoable } from '../../evidence/undo.ts';
import type { GslbState } from '../../gslb/protocol.ts';
import type { Clock } from '../../host/clock.ts';
import type { Link, LinkProxy } from '../../link/links.ts';
import type { Address } from '../../host/ports.ts';
import type { OwnWay } from '../../drill/attached/own-way.ts';
import type { AskedProgram } from './asked-program.ts';
import type { Backups, Bidirectional } from './protection.ts';
import { lacking, type LabRegion, type NodeLook, type NodeState, type Region } from './region.ts';
import type { OwnSystem } from './own.ts';

/** Where a run keeps its things. */
export interface RunPlace {
  readonly id: string;
  /** The run directory, with `logs/` in it. */
  readonly directory: string;
  readonly logs: string;
  /** For data directories and sockets; outside the run directory, gone after the run. */
  readonly scratch: string;
}

/**
 * Writes the effect to the undo log, then remembers `undo` for the end of the run (exact reverse
 * order).
 */
export type Defer = (effect: Effect, undo: () => Promise<void>) => Promise<void>;

export interface UpContext {
  readonly plan: Plan;
  readonly place: RunPlace;
  readonly clock: Clock;
  readonly origin_ms: number;
  readonly emit: Emit;
  readonly defer: Defer;
  readonly signal: AbortSignal;
  /** Stops the run: what it stands on is gone, such as the container engine. */
  readonly fail: (error: Error) => void;
}

/** Brings up the system of a run, or takes up one that is there. */
export interface SystemMaker {
  up(context: UpContext): Promise<System>;
}

/**
 * A place in which regions are made as new for one run after another: it was there before each, and
 * stays after it.
 */
export interface KeptRegions extends SystemMaker {
  /** What is there of a run that ended, each in words: nobody may have the regions any more. */
  remains(): Promise<readonly string[]>;
  /** Makes ready what a run of the plan will need and what knows nothing of any run yet. */
  prepare(plan: Plan): void;
}

export interface System {
  /** `nodes` are all that can ever answer, later ones too; the ledger refers to their order. */
  readonly description: EventBodies['topology.up'];
  region(name: string): Region;
  /** The regions that clients are led to by now, as far as anybody says so; the first one first. */
  serving(signal?: AbortSignal): Promise<readonly string[]>;
  /** Whether what is to serve is healthy, before anything happens. */
  health(): Promise<CheckResult[]>;
  /** How the clients of each store get to it. */
  readonly way: Way;
  /**
   * The id of the run that made the system, which its app answers for: not this run's when a system
   * that is up is drilled.
   */
  readonly mark: string;
  /** The directory of that run; `system.json` is in it once the system is to stay up. */
  readonly directory: string;
  /** Those that a run stands on, and that must get to run; other instances of an app come later. */
  programs(): readonly AskedProgram[];
  /**
   * What every living node of both regions has used so far, and what crossed between them; null:
   * nobody but its owner knows.
   */
  readonly usage: (() => Promise<{ nodes: NodeUsage[]; replicated_bytes: number | null }>) | null;
  /** Two regions that replicate to each other; null where one follows the other. */
  readonly bidirectional: Bidirectional | null;
  /** Base backups and log in the second region; null where the strategy keeps none. */
  readonly backups: Backups | null;
  /**
   * Asks everything to outlive the runner and says how to reach it (writes the 0600 password file).
   */
  keep(): Promise<KeptNode[]>;
  /** The same system, where drill has made it; null: it is somebody's own. */
  readonly lab: Lab | null;
  /** The same system, where it is somebody's own; null: drill has made it. */
  readonly own: OwnSystem | null;
}

/** What clients are told of the way to what they write to. */
export interface Way {
  /** Whom they ask where to go; null: they have a way of their own. */
  readonly gslb: Address | null;
  /** What clients of `via: sql` log in with; null: that is said by their own way. */
  readonly database: {
    readonly user: string;
    readonly password: string;
    readonly database: string;
  } | null;
  readonly own?: OwnWay;
}

/** A system that drill has made, with an app, links through a proxy server, and a GSLB. */
export interface Lab extends System {
  readonly gslb: Gslb;
  readonly usage: NonNullable<System['usage']>;
  region(name: string): LabRegion;
  link(name: string): Link;
  /**
   * Whether something of the system may take connections behind a proxy, and what was seen; at most
   * twice `timeout_ms`.
   */
  mayListen(proxy: LinkProxy, timeout_ms: number): Promise<Listening>;
  /** Where an app instance listens, past all links; null: it does not run. */
  directAt(app: NodeState): Promise<Address | null>;
  /** The app instance answers with errors, or later, until that is undone. */
  disturbApp(node: NodeState, disturbance: Disturbance): Undoable;
}

/** Throws where it is none that drill has made. */
export function labOf({ lab }: System): Lab {
  if (lab !== null) return lab;
  throw lacking('the system', 'one that drill has made', 'one of somebody’s own');
}

/** What leads clients to regions. */
export interface Gslb {
  readonly host: string;
  readonly port: number;
  /**
   * Moves clients: these regions may be answered from now on. Resolves when the answer is theirs,
   * which clients are not told while it is held. One that stands still is waited for.
   */
  serve(regions: readonly string[], signal?: AbortSignal): Promise<void>;
  state(): Promise<GslbState>;
  /** What clients are told over DNS: its serial. Null: no answer came in that time. */
  toldSerial(timeout_ms: number): Promise<number | null>;
  /** What can be seen of its process, or of its container, from outside. */
  look(timeout_ms: number): Promise<NodeLook>;
  /** It stands still: nobody answers over DNS, and nobody checks health. */
  freeze(): Undoable;
  /** Whoever asks over DNS gets what was answered then, whatever it would answer. */
  hold(): Undoable;
  /** Resolves once the health checks hold the region to be down (at once if they do already). */
  untilDown(region: string, signal?: AbortSignal): Promise<{ at_ms: number; detail: string }>;
  isDown(region: string): boolean;
}

/** Whether anything takes connections behind a proxy, and what was seen. */
export interface Listening {
  readonly listens: boolean;
  readonly detail: string;
}
