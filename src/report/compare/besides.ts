// Writes of a comparison that are not simply lost, kept, refused or unknown: a row for each class.
import { formatCount } from '../../screen/text.ts';
import type { ComparedDrill } from '../../verdict/comparison.ts';

const BESIDES_TITLES: Readonly<Record<string, string>> = {
  split_brain: 'split-brain',
  wrong_reads: 'wrong reads',
};

export function besidesTitle(name: string): string {
  return BESIDES_TITLES[name] ?? name;
}

export function besidesNames(drills: readonly ComparedDrill[]): string[] {
  const names = drills.flatMap((drill) => [...Object.keys(drill.besides), ...drill.besides_open]);
  return [...new Set(names)];
}

/** How many in the worst run; what nobody knows is no 0. */
export function besidesText(
  { lost, besides, besides_open: open }: ComparedDrill,
  name: string,
): string {
  if (lost === null) return '';
  const most = besides[name] ?? 0;
  if (!open.includes(name)) return formatCount(most);
  return most === 0 ? 'not measured' : `at least ${formatCount(most)}`;
}
