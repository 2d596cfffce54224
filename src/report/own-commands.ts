// What a drill of somebody's own system would do: its commands, each undo beside what it undoes,
// how far it goes, and what it believes. What a consent holds is shown.
import { isOwnPlan } from '../drill/own-plan.ts';
import { ownCommands } from '../drill/consent/commands.ts';
import { statedLimits } from '../drill/consent/limits.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { printable, shellWord } from '../screen/text.ts';

/** `[of, use, command]`, what it is of told once. */
export function commandRows(plan: Plan): string[][] {
  const commands = ownCommands(plan);
  return commands.flatMap(({ of, use, command }, at) => {
    const isNew = commands[at - 1]?.of !== of;
    const row = [isNew ? printable(of) : '', use, printable(command.map(shellWord).join(' '))];
    const hasUndo = commands.some((each) => each.of === of && each.use === 'undo');
    const isFault = plan.faults.some((fault) => fault.kind === 'command' && fault.title === of);
    const none = ['', 'undo', 'none: nothing undoes it'];
    return use === 'run' && isFault && !hasUndo ? [row, none] : [row];
  });
}

/** `[key of the drill file, words]`; none of a system that drill makes. */
export function limitRows(plan: Plan): [string, string][] {
  if (!isOwnPlan(plan)) return [];
  const { schema, identity } = plan.attached;
  const shown = {
    'topology.guard.schema': schema,
    ...(identity === null ? {} : { 'topology.system.identity': `prints ${identity.is}` }),
    ...statedLimits(plan),
  };
  return Object.entries(shown).map(([key, words]) => [printable(key), printable(words)]);
}
