// The commands that a drill of somebody's own system would run, each undo beside what it undoes.
import { ownCommands } from '../drill/consent/commands.ts';
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
