// command: a program of the user's breaks a system of the user's own. That it ended with 0 proves
// nothing: drill looks for itself whether it bit, by a connection or by another command.
import type { Argv } from '../drill/fields.ts';
import type { CheckResult } from '../evidence/event.ts';
import { until } from '../host/clock.ts';
import { reasonOf } from '../host/operation-failed.ts';
import { connectTo, GREETING, probe, QUESTIONS } from '../host/probe.ts';
import type { OwnSystem } from '../topology/system/own.ts';
import { lacking } from '../topology/system/region.ts';
import type { System } from '../topology/system/system.ts';
import { looked, type Fault, type FaultContext, type Seen } from './fault.ts';

type Context = FaultContext<'command', System>;

const LOOK_EVERY_MS = 100;
const LOOK_MS = 500;

/** How it is undone, and the other side's own way to that taken back; by whoever can run it. */
export interface CommandEntry {
  readonly undo: 'command';
  readonly title: string;
  readonly command: Argv;
  /** Null: nothing was armed. */
  readonly disarm: Argv | null;
  readonly at_most_ms: number;
  readonly [fact: string]: unknown;
}

export const command: Fault<'command', System> = {
  kind: 'command',
  inject: async (context) => {
    const { fault, system, defer } = context;
    const { title, run, undo, arm, disarm, takes_at_most_ms: at_most_ms } = fault;
    const own = ownOf(system);
    if (undo !== null) {
      const entry: CommandEntry = { undo: 'command', title, command: undo, disarm, at_most_ms };
      // The end tries what a heal could not do.
      await defer(entry, async () => {
        await own.run(undo, at_most_ms);
        if (disarm !== null) await own.run(disarm, at_most_ms);
        return [];
      });
    }
    if (arm !== null) await own.run(arm, at_most_ms);
    await own.run(run, at_most_ms);
    if (fault.starts === 'effect') await untilSeen(context, own);
    return { detail: title };
  },
  prove: async (context) => [await untilSeen(context, ownOf(context.system))],
  look: async (context) => {
    const { fault, system } = context;
    return [await looked(nameOf(fault), () => seen(context, ownOf(system)))];
  },
};

function ownOf({ own }: System): OwnSystem {
  if (own !== null) return own;
  throw lacking('the system', 'one of somebody’s own', 'one that drill has made');
}

function nameOf({ title, seen: by }: Context['fault']): string {
  if (by.by === 'command') return `"${title}" is seen by ${by.command.join(' ')}`;
  return `${by.where} ${by.by === 'refuses' ? 'takes no connection' : 'is silent'}`;
}

/** The last look, which is the first that saw it where one did in time. */
async function untilSeen(context: Context, own: OwnSystem): Promise<CheckResult> {
  const { clock, fault } = context;
  const deadline_ms = clock.now() + fault.takes_at_most_ms;
  let last: Seen = { ok: false, detail: 'nobody looked' };
  await until({ clock, deadline_ms, every_ms: LOOK_EVERY_MS }, async () => {
    last = await seen(context, own);
    return last.ok ? true : null;
  });
  return { name: nameOf(fault), ...last };
}

async function seen({ fault }: Context, own: OwnSystem): Promise<Seen> {
  const { seen: by, takes_at_most_ms } = fault;
  if (by.by === 'command') {
    return await own.run(by.command, takes_at_most_ms).then(
      () => ({ ok: true, detail: 'it ended with 0' }),
      (error: unknown) => ({ ok: false, detail: reasonOf(error) }),
    );
  }
  const { host, port, isDatabase } = own.placeOf(by.where);
  if (by.by === 'refuses') {
    const found = await connectTo(host, port, LOOK_MS);
    return { ok: found !== 'connected', detail: found };
  }
  const words = isDatabase ? QUESTIONS['postgres']! : GREETING;
  const { isSilent, detail } = await probe(host, port, LOOK_MS, words);
  return { ok: isSilent, detail };
}
