// Sentences for people: counts, ids and times inside reasons.
import { formatDuration } from '../base/units.ts';
import { STORES, type StoreRole } from '../drill/stores.ts';
import type { Id } from '../drill/measurement.ts';

export { formatDuration };

/** `1 write`, `12 writes` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A sentence about a store, which it names; null: there is only one. */
export function ofStore(store: StoreRole | null, sentence: string): string {
  return store === null ? sentence : `${STORES[store].title}: ${sentence}`;
}

/** A sentence about the way back to the first layout. */
export function inFailback(sentence: string): string {
  return `Failback: ${sentence}`;
}

/** `3-17`: writer and sequence; `redis:3-17` where there are two stores. */
export function writeId({ store, writer, sequence }: Id): string {
  return `${store === undefined ? '' : `${STORES[store].written}:`}${writer}-${sequence}`;
}

/** `3-17, 3-18 and 4 more` */
export function writeIds(ids: readonly Id[], total: number): string {
  const more = total - ids.length;
  return ids.map(writeId).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Without the full stop that a detail from elsewhere may end with. */
export function plainDetail(detail: string): string {
  return detail
    .trim()
    .replace(/[.\s]+$/, '')
    .replace(/\s+/g, ' ');
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
