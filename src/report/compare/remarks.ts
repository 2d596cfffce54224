// What has to be known to read the figures of a comparison, and why some of them are not there.
import { count } from '../../screen/text.ts';
import type { Comparison } from '../../verdict/comparison.ts';
import { sheetOf } from './sheet.ts';

export function remarksOf(comparison: Comparison): string[] {
  const { drills, unknown_conditions: unknown, not_made: missing } = comparison;
  const remarks: string[] = [];
  if (missing > 0)
    remarks.push(`It was stopped: ${count(missing, 'more run')} had been asked for.`);
  if (unknown.length > 0) {
    remarks.push(
      `The plan of ${unknown.join(', ')} cannot be read: whether the workload, the fault and the ` +
        'seed were the same is not known.',
    );
  }
  for (const { label, runs, rto_ms } of drills) {
    const measured = rto_ms?.runs ?? 0;
    if (runs.length === 1 || measured === runs.length) continue;
    remarks.push(`${label}: the RTO was measured in ${measured} of ${runs.length} runs.`);
  }
  if (drills.some(({ runs }) => runs.length > 1)) {
    remarks.push(
      'Figures are medians: of an even number of runs, the higher of the two in the middle. ' +
        'Error bars and phases are those of the run with the median.',
    );
  }
  const cells = sheetOf(comparison).flatMap(({ rows }) => rows.flatMap(({ cells }) => cells));
  if (cells.includes('')) {
    remarks.push('What is empty was not measured; a phase that is empty did not take place.');
  }
  remarks.push(
    `${measuredWords(comparison)}Both regions ran on one machine, with databases of some dozen ` +
      'megabytes: times at another size are other times.',
  );
  return remarks;
}

/** `Measured on 2026-11-28. `, or from the first day to the last; ids of runs begin with it. */
function measuredWords({ drills }: Comparison): string {
  const days = drills
    .flatMap(({ runs }) => runs.map(({ id }) => /^(\d{4})(\d\d)(\d\d)T/.exec(id)))
    .flatMap((match) => (match === null ? [] : [match.slice(1).join('-')]))
    .toSorted();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined) return '';
  return first === last ? `Measured on ${first}. ` : `Measured from ${first} to ${last}. `;
}

/** How many reasons of one drill are shown; the rest stands with its runs. */
const WHYS_SHOWN = 3;

/** Why drills did not pass: `name: reason`, or `name, run 2 of 3: reason`. */
export function whysOf({ drills }: Comparison): string[] {
  return drills.flatMap(({ label, runs }) => {
    const whys = runs.flatMap(({ verdict, reasons }, at) => {
      const which = runs.length === 1 ? label : `${label}, run ${at + 1} of ${runs.length}`;
      return verdict === 'pass' ? [] : reasons.map((reason) => `${which}: ${reason}`);
    });
    const more = whys.length - WHYS_SHOWN;
    const rest = more > 0 ? [`${label}: ${count(more, 'more reason')}, with its runs`] : [];
    return [...whys.slice(0, WHYS_SHOWN), ...rest];
  });
}
