// command: a program of the user's breaks a system of the user's own. That it ended with 0 proves
// nothing: drill looks for itself whether it bit, by a connection or by another command.
import { biteName } from '../drill/fault/command.ts';
import type { Argv } from '../drill/fields.ts';
import type { CheckResult } from '../evidence/event.ts';
import { until } from '../host/clock.ts';
import { OperationFailed } from '../host/operation-failed.ts';
import { CommandGoesOn } from '../host/process/command-failed.ts';
import { untilUndone, type OwnSystem } from '../topology/system/own.ts';
import { lacking } from '../topology/system/region.ts';
import type { System } from '../topology/system/system.ts';
import { type Bitten, type Fault, type FaultContext, type Seen } from './fault.ts';

const LOOK_EVERY_MS = 100;

type Context = FaultContext<'command', System>;

/** How it is undone, and the other side's own way to that taken back; by whoever can run it. */
export interface CommandEntry {
  readonly undo: 'command';
  readonly title: string;
  readonly command: Argv;
  /** Null: nothing was armed. */
  readonly disarm: Argv | null;
  readonly at_most_ms: number;
  /** Where it is run. */
  readonly cwd: string;
  readonly [fact: string]: unknown;
}

export const command: Fault<'command', System> = {
  kind: 'command',
  inject: async (context) => {
    const { fault, system, defer, signal } = context;
    const { title, run, undo, arm, disarm, takes_at_most_ms: at_most_ms } = fault;
    const own = ownOf(system);
    const breaking = new Breaking(context, own);
    if (undo !== null) {
      const facts = { title, command: undo, disarm, at_most_ms, cwd: own.folder };
      const entry: CommandEntry = { undo: 'command', ...facts };
      // The end tries what a heal could not do.
      await defer(entry, async () => {
        await own.run(undo, at_most_ms);
        // The other side’s own way to undo it stays until it is.
        await requireUndone(context, own);
        await breaking.requireOver();
        if (disarm !== null) await own.run(disarm, at_most_ms);
        return [];
      });
    }
    if (arm !== null) await breaking.run(arm);
    if (!isTimedByEffect(context)) {
      await breaking.run(run);
      return { detail: title };
    }
    const over = new AbortController();
    const isAwaited = fault.starts === 'effect';
    const looked = isAwaited ? AbortSignal.any([over.signal, signal]) : over.signal;
    const bitten = firstBite(context, own, looked);
    bitten.catch(() => {}); // whoever waits for it hears of it
    await breaking.run(run).catch((error: unknown) => {
      over.abort();
      throw error;
    });
    if (isAwaited) await bitten;
    return { detail: title, bitten };
  },
  prove: async (context) => [await untilSeen(context, ownOf(context.system))],
  look: async (context) => {
    const { fault, system } = context;
    const name = biteName(fault);
    return [{ name, ...(await ownOf(system).bites(fault)) }];
  },
};

/**
 * The commands that break it. A run that is stopped ends them before anything is undone: what went
 * on would break it again, with nobody there to undo that.
 */
class Breaking {
  readonly #context: Context;
  readonly #own: OwnSystem;
  #goesOn: CommandGoesOn | null = null;

  constructor(context: Context, own: OwnSystem) {
    this.#context = context;
    this.#own = own;
  }

  async run(command: Argv): Promise<void> {
    const { fault, system, signal, deferToEnd } = this.#context;
    try {
      await this.#own.run(command, fault.takes_at_most_ms, signal);
    } catch (error) {
      if (error instanceof CommandGoesOn) {
        this.#goesOn = error;
        // Without an undo nothing else would say so in the end.
        if (fault.undo === null) {
          await deferToEnd({ undo: 'processes', run: system.mark }, async () => {
            await error.requireOver();
            return [];
          });
        }
      }
      throw error;
    }
  }

  /** Rejects while one goes on that could not be ended: its undo does not count yet. */
  async requireOver(): Promise<void> {
    await this.#goesOn?.requireOver();
  }
}

function ownOf({ own }: System): OwnSystem {
  if (own !== null) return own;
  throw lacking('the system', 'one of somebody’s own', 'one that drill has made');
}

/** Whether a number hangs on when it was seen to bite, so that it is looked at from the start. */
function isTimedByEffect({ fault, plan }: Context): boolean {
  return fault.starts === 'effect' || plan.targets.rto_from === 'effect';
}

/** While its command runs, and as long after that as it may take until it is seen. */
async function firstBite(
  { clock, fault }: Context,
  own: OwnSystem,
  signal: AbortSignal,
): Promise<Bitten | null> {
  let not_yet_ms = clock.now();
  const deadline_ms = not_yet_ms + 2 * fault.takes_at_most_ms;
  return await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS, signal }, async () => {
    const asked_ms = clock.now();
    const { ok } = await own.bites(fault);
    if (ok === true) return { not_yet_ms, asked_ms, answered_ms: clock.now() };
    not_yet_ms = asked_ms;
    return null;
  });
}

/** The last look, which is the first that saw it where one did in time. */
async function untilSeen(context: Context, own: OwnSystem): Promise<CheckResult> {
  const { clock, fault } = context;
  const deadline_ms = clock.now() + fault.takes_at_most_ms;
  let last: Seen = { ok: false, detail: 'nobody looked' };
  await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    const { ok, detail } = await own.bites(fault);
    last = { ok: ok === true, detail };
    return last.ok ? true : null;
  });
  return { name: biteName(fault), ...last };
}

/** Rejects where it still bites: a command that ends with 0 has said so alone. */
async function requireUndone({ clock, fault }: Context, own: OwnSystem): Promise<void> {
  if (await untilUndone(fault, clock, () => own.bites(fault))) return;
  const what = `the undo of "${fault.title}"`;
  const found = `that still ${biteName(fault)}`;
  throw new OperationFailed({ what, expected: 'it to be undone', found });
}
