// What a runtime is: a way to have two regions, and everything that the rest of drill asks of it.
// Adding one is a folder, a line in `runtimes.ts` and its name in `drill/file/runtimes.ts`.
import type { RuntimeSettings } from '../drill/file/runtimes.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Clock } from '../host/clock.ts';
import type { Runner } from '../host/process/runner.ts';
import type { Address } from '../host/ports.ts';
import type { ProgramAddress } from '../host/program/program-client.ts';
import type { UndoKind } from '../evidence/undo.ts';
import type { Role } from '../postgres/server/primary.ts';
import type { KeptSystem } from './kept-system.ts';
import type { DoctorCheck } from './machine-check.ts';
import type { EndingWay } from './system/region.ts';
import type { KeptRegions, System, UpContext } from './system/system.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface RuntimeOptions {
  /** The runner's own. */
  readonly environment: Variables;
  /** What the configuration file says. */
  readonly settings: RuntimeSettings;
  /** The folder of the configuration file, from which it names files. */
  readonly directory: string;
}

/** A system that another runner brought up and left running. */
export interface KeptPlace {
  readonly kept: KeptSystem;
  /** The run directory of the system. */
  readonly directory: string;
  /** The plan that it was made for. */
  readonly plan: Plan;
}

export interface Runtime {
  /** What the machine must have for it, in the order in which the doctor shows it. */
  checks(): Promise<readonly DoctorCheck[]>;
  /** The environment with what the settings say, for whoever looks only there. */
  environmentOf(options: RuntimeOptions): Variables;
  /** Rejects with what a user has to change in files besides the drill file. */
  checkFiles(options: RuntimeOptions): Promise<void>;
  up(context: UpContext, options: RuntimeOptions): Promise<System>;
  /**
   * A place for the regions of one run after another, whose undo log is that of `context`; null:
   * each run has regions of its own.
   */
  readonly hold: ((context: UpContext, options: RuntimeOptions) => Promise<KeptRegions>) | null;
  /**
   * Works with a system that is up already: nothing is started, everything is looked at first, and
   * it stays up afterwards.
   */
  reuse(place: KeptPlace, context: UpContext, environment: Variables): Promise<System>;
  /**
   * Starts a dead node of a kept system again, where it was; nothing happens where it lives, or
   * where another one has taken its place. Resolves once it answers.
   */
  startAgain(
    place: KeptPlace,
    ended: EndedNode,
    environment: Variables,
    clock: Clock,
  ): Promise<void>;
  /** Who may change the settings of the database of a kept system; null: it does not run. */
  adminOf(kept: KeptSystem, node: string, environment: Variables): Promise<Role | null>;
  /** How the programs of a kept system are told what to do. */
  steering(kept: KeptSystem, environment: Variables): Promise<Steering>;
  /** The effects that only this runtime has, and how they are undone. */
  readonly undo: readonly UndoKind[];
  /** What runs leave outside of this machine's own processes and files; null: nothing. */
  readonly remains: Remains | null;
}

/** A node that a runner which is gone had ended, or had begun to. */
export interface EndedNode {
  readonly node: string;
  /** Null: nobody did. */
  readonly how: EndingWay | null;
}

export interface Steering {
  /**
   * Where an app instance is told what to do, past all links (null: it does not run, or is not
   * there any more), and what it wants to hear before.
   */
  readonly app: {
    readonly at: (node: string) => Promise<Address | null>;
    readonly secret: string;
  };
  /** Null: its GSLB does not run. */
  readonly gslb: Omit<ProgramAddress, 'title'> | null;
}

/** A thing with a run's label, somewhere where a runtime keeps things. */
export interface Remain {
  readonly run: string;
  /** `container drill-x-east-postgres-1` */
  readonly title: string;
  /** The run directory that made it, and its runner; null: it does not say. */
  readonly directory: string | null;
  readonly runner: Runner | null;
}

export interface Remains {
  /** Of every run. Rejects, as what the world did, where whoever keeps them cannot be asked. */
  find(environment: Variables): Promise<readonly Remain[]>;
  /** Resolves to what could not be removed, in words. */
  remove(run: string, environment: Variables, clock: Clock): Promise<string[]>;
}
