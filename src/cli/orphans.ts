// `drill clean --orphans`: what carries the mark of a run whose folder is gone is listed, and
// removed with `--yes`.
import { printable, count } from '../screen/text.ts';
import { shortPath } from '../report/reporters.ts';
import { outFlag } from '../report/summary/next-commands.ts';
import { brokenOff } from '../archive/run-list.ts';
import { findOrphans, removeOrphan, type Orphan } from '../session/orphans.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { commandName } from '../screen/command-name.ts';
import type { CliContext, VerbArguments } from './verb.ts';

/** Resolves to the exit code: something that is left is unclean. */
export async function cleanOrphans(
  runs: string,
  wanted: string | undefined,
  args: VerbArguments,
  context: CliContext,
): Promise<number> {
  const { stdout } = context.screen;
  const all = await findOrphans(runs, context, (problem) => {
    context.screen.stderr.write(`drill: not looked for everywhere: ${printable(problem)}\n`);
  });
  const orphans = all.filter(({ run }) => wanted === undefined || run === wanted);
  const isMeant = args['yes'] === true;
  const told: object[] = [];
  const lines: string[] = [];
  let isLeft = false;
  for (const orphan of orphans) {
    const isDue = isMeant && (orphan.certain || wanted !== undefined);
    const left = isDue ? await removeOrphan(orphan, context) : null;
    isLeft ||= left === null || left.length > 0;
    told.push({ ...orphan, left });
    const state = left === null ? '' : left.length === 0 ? ': removed' : ': not clean yet';
    lines.push(`${orphan.run}${state}`);
    const shown = left === null || left.length === 0 ? wordsOf(orphan) : left;
    lines.push(...shown.map((line) => `  ${printable(line)}`));
    if (left === null && !orphan.certain) lines.push(`  ${uncertainWords(orphan, context)}`);
  }
  if (!isMeant && orphans.some(({ certain }) => certain)) {
    const which = wanted === undefined ? '' : ` ${wanted}`;
    const command = `${commandName(context.environment)} clean --orphans${which} --yes`;
    lines.push(`to remove ${wanted === undefined ? 'them' : 'it'}: ${command}`);
  }
  if (args['json'] === true) stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  else stdout.write(`${lines.join('\n') || 'no orphans: everything marked has its run'}\n`);
  return isLeft ? EXIT.unclean : EXIT.pass;
}

/** A line where there are some; nothing is removed. */
export async function mentionOrphans(runs: string, context: CliContext): Promise<void> {
  const orphans = await findOrphans(runs, context);
  if (orphans.length === 0) return;
  const command = `${commandName(context.environment)} clean --orphans`;
  const what = `${count(orphans.length, 'run')} whose folder is gone left something: `;
  context.screen.stderr.write(`${what}${command} lists it\n`);
}

/** The runs that were killed, and what others left whose folder is gone. */
export async function mentionLeft(runs: string, context: CliContext): Promise<void> {
  const killed = brokenOff(runs).length;
  if (killed > 0) {
    const out = outFlag(shortPath(context.directory, runs));
    const what = `${count(killed, 'run')} broke off and may have left something`;
    context.screen.stderr.write(`${what}: ${commandName(context.environment)} clean${out}\n`);
  }
  await mentionOrphans(runs, context);
}

/** A run of another container may be at work: only who names it removes it. */
function uncertainWords({ run }: Orphan, { environment }: CliContext): string {
  const command = `${commandName(environment)} clean --orphans ${run} --yes`;
  const where = 'it was started in another container or machine, where it may be at work';
  return `${where}; if not: ${command}`;
}

function wordsOf({ directory, scratch, processes, things }: Orphan): string[] {
  return [
    directory === null ? 'nothing says where its folder was' : `${directory} is gone`,
    ...(processes.length === 0 ? [] : [count(processes.length, 'process', 'processes')]),
    ...(scratch === null ? [] : [`directory ${scratch}`]),
    ...things,
  ];
}
