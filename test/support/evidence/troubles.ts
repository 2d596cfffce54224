// What a count has ids of that one without any trouble has none of.
import { CLASS_NAMES, type ClassName, type Loss } from '../../../src/drill/measurement.ts';

/** How many ids each of those classes has. */
export function troubles({ classes }: Loss): Partial<Record<ClassName, number>> {
  const fine = new Set<ClassName>(['kept', 'refused', 'unsent', 'vanished', 'recovered']);
  const found = CLASS_NAMES.filter((name) => !fine.has(name) && classes[name] > 0);
  return Object.fromEntries(found.map((name) => [name, classes[name]]));
}
