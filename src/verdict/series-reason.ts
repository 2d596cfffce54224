// Why a target is not met over all trials, in a sentence that counts what came of each of them.

interface Counts {
  /** Of the target. */
  readonly name: string;
  readonly met: number;
  readonly missed: number;
  /** Made, and could not be judged. */
  readonly open: number;
  readonly unmade: number;
  readonly uncounted: number;
  readonly needed: number;
  readonly planned: number;
}

export function reasonOf({ name, met, missed, open, needed, planned, ...others }: Counts): string {
  const wanted = needed === planned ? 'every one has to' : `${needed} have to`;
  const parts = [`${met} of ${planned} trials met the target ${name}, ${wanted}`];
  if (missed > 0) parts.push(`${missed} missed it`);
  if (open > 0) parts.push(`${open} could not be judged`);
  const { unmade, uncounted } = others;
  if (unmade > 0) parts.push(`${unmade} ${unmade === 1 ? 'was' : 'were'} not made`);
  if (uncounted > 0)
    parts.push(`${uncounted} ${uncounted === 1 ? 'was' : 'were'} removed or changed since`);
  return `${parts.join('; ')}.`;
}
