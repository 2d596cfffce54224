// What a drill of somebody's own system would do: its commands, each undo beside what it undoes,
// and how far it goes.
import { ownCommands } from '../drill/consent/commands.ts';
import { isOwnPlan } from '../drill/consent/consent.ts';
import { guardWords } from '../drill/consent/rails.ts';
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

/** `[key, words]`, each of `topology.guard`; none of a system that drill makes. */
export function guardRows(plan: Plan): [string, string][] {
  if (!isOwnPlan(plan)) return [];
  return Object.entries(guardWords(plan)).map(([key, words]) => {
    return [key.replace('topology.guard.', ''), printable(words)];
  });
}
