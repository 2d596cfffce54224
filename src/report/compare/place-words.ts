// When and where the runs of a comparison were made, in words.
import { OWN_SYSTEM } from '../../drill/names.ts';
import type { Comparison } from '../../verdict/comparison.ts';

export function placeWords(comparison: Comparison): string[] {
  const words = `${measuredWords(comparison)}${labWords(comparison)}`.trimEnd();
  return words === '' ? [] : [words];
}

/** Nothing of it is known of a system of somebody's own. */
function labWords(comparison: Comparison): string {
  if (comparison.drills.some(({ strategy }) => strategy === OWN_SYSTEM)) return '';
  const where = `Both regions ran on one machine, with ${dataWords(comparison)}`;
  return `${where}: times at another size are other times.`;
}

function dataWords({ conditions, differences }: Comparison): string {
  const own = conditions['topology.data'];
  if (own !== undefined) return `databases of ${own}`;
  const isMixed = differences.some(({ key }) => key === 'topology.data');
  return isMixed ? 'databases of different sizes' : 'databases of some dozen megabytes';
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
