// A drill that comes with drill, for a stack in the place of the hosts that stand in it.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Argv, Stack } from './stack.ts';

/** What stands in a drill of `drills/attached/` for hosts that nobody has here. */
interface InPlaceOf {
  readonly run: Argv;
  readonly undo: Argv;
  readonly seen?: object;
  /** By the titles of its steps. */
  readonly steps?: Readonly<Record<string, Argv>>;
  readonly primary?: object;
}

/** A drill that comes with drill, with the hosts and the commands of the stack in it. */
export function stockOwnDrill(name: string, stack: Stack, here: InPlaceOf): string {
  const file = new URL(`../../../drills/attached/${name}.yaml`, import.meta.url);
  const drill = parse(readFileSync(file, 'utf8')) as StockDrill;
  const { system } = drill.topology;
  for (const node of Object.keys(system.databases)) {
    const url = new URL(stack.databases[node as keyof Stack['databases']]);
    url.password = '';
    system.databases[node] = url.href;
  }
  if (system.settings !== undefined) system.settings.command = stack.settings;
  if (here.primary !== undefined) system.primary = here.primary;
  drill.warm_up = { at_most: '2s' };
  const [fault] = drill.faults;
  Object.assign(fault!, { run: here.run, undo: here.undo });
  Object.assign(fault!, { arm: stack.arm(600), disarm: stack.disarm() });
  if (here.seen !== undefined) fault!['seen'] = here.seen;
  for (const step of drill.recover.steps ?? []) step.command = here.steps![step.title]!;
  return stringify(drill);
}

interface StockDrill {
  warm_up?: object;
  readonly topology: {
    readonly system: {
      readonly databases: Record<string, string>;
      readonly settings?: { command: Argv };
      primary?: object;
    };
  };
  readonly faults: readonly Record<string, unknown>[];
  readonly recover: { readonly steps?: { readonly title: string; command: Argv }[] };
}
