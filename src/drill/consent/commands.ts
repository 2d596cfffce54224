// Every command that a drill of somebody's own system would run, each with what it is for: what is
// consented to, and what `drill attach` and `drill plan` show. Pure.
import { type PlannedSystem } from '../attached/system.ts';
import type { PlannedFault } from '../fault/registry.ts';
import type { Argv } from '../fields.ts';
import type { Plan } from '../plan/plan.ts';

export interface OwnCommand {
  /** A fault or a step of the recovery, by its title; else the key of the drill file. */
  readonly of: string;
  /** `run`, `undo`, `arm`, `disarm`, `seen` */
  readonly use: string;
  readonly command: Argv;
}

type Commanded = Pick<Plan, 'faults' | 'recover' | 'declare'> & {
  readonly attached?: PlannedSystem;
};

/** Each once, in the order in which a drill file has them; none of a system that drill makes. */
export function ownCommands({ attached, faults, recover, declare }: Commanded): OwnCommand[] {
  if (attached === undefined) return [];
  const { password, identity, primary, settings, stop_when, clients, count } = attached;
  const found = [
    ...asked('password', password !== null && 'command' in password ? password.command : null),
    ...asked('identity', identity?.command ?? null),
    ...asked('primary', primary.by === 'command' ? primary.command : null),
    ...asked('settings', settings),
    ...asked('clients', clients.by === 'command' ? clients.command : null),
    ...(clients.by === 'http' ? Object.entries(clients.headers).flatMap(ofHeader) : []),
    ...asked('count', count?.by === 'command' ? count.command : null),
    ...uses('topology.guard.stop_when', { run: stop_when?.command ?? null }),
    ...byTitle(faults).flatMap(ofFault),
    ...uses('declare', { run: declare.by === 'command' ? declare.command : null }),
    ...(recover.steps ?? []).flatMap((step) => {
      if (step.by === 'drill') return [];
      const { title: of, seen } = step;
      const run = step.by === 'command' ? uses(of, { run: step.command }) : [];
      return [...run, ...uses(of, { seen })];
    }),
    ...(recover.back ?? []).flatMap((step) => {
      const { title: of, undo, seen } = step;
      return uses(of, { run: step.by === 'command' ? step.command : null, undo, seen });
    }),
  ];
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

/** Their order in time is drawn by the seed, and no matter of consent. */
function byTitle(faults: readonly PlannedFault[]): PlannedFault<'command'>[] {
  const own = faults.filter((fault): fault is PlannedFault<'command'> => fault.kind === 'command');
  return own.toSorted((a, b) => (a.title < b.title ? -1 : Number(a.title > b.title)));
}

function ofFault({ title, run, undo, arm, disarm, seen }: PlannedFault<'command'>): OwnCommand[] {
  const look = seen.by === 'command' ? seen.command : null;
  return uses(title, { run, undo, arm, disarm, seen: look });
}

function ofHeader([name, value]: [string, HeaderValue]): OwnCommand[] {
  const isPrinted = typeof value !== 'string' && 'command' in value;
  return asked(`clients.http.headers.${name}`, isPrinted ? value.command : null);
}

type HeaderValue = Extract<PlannedSystem['clients'], { by: 'http' }>['headers'][string];

function asked(key: string, command: Argv | null): OwnCommand[] {
  return uses(`topology.system.${key}`, { run: command });
}

function uses(of: string, commands: Readonly<Record<string, Argv | null>>): OwnCommand[] {
  return Object.entries(commands).flatMap(([use, command]) =>
    command === null ? [] : [{ of, use, command }],
  );
}
