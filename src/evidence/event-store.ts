// Which store an event is about.
import type { StoreName } from '../drill/plan/plan.ts';

/** Events of before there was a second store do not say it: they are about the first. */
export function isOfStore(event: { readonly store?: StoreName }, store: StoreName): boolean {
  return (event.store ?? 'postgres') === store;
}
