// Reads what survived in one database into the file of survivors, and has the database look at
// itself.
import { reasonOf } from '../../host/operation-failed.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { Emit } from '../../evidence/event.ts';
import { STORE_FILES } from '../../evidence/evidence.ts';
import { runFile } from '../../evidence/run-files.ts';
import {
  type Reading,
  type SurvivorsWriter,
  appendSurvivors,
  createSurvivors,
} from '../../evidence/survivors.ts';
import type { RunContext } from '../frame/context.ts';
import type { OrderId } from '../../evidence/restore.ts';
import type { Store } from '../../topology/system/store.ts';

const SEQUENCES = 2 ** 32;
const NOTHING_READ = { rows: 0, timeline: 0, snapshot: '', ok: false } as const;

/** A set of ids; an id that is there twice counts once. */
export class Ids {
  readonly #keys = new Set<number>();

  add({ writer, sequence }: OrderId): void {
    this.#keys.add(writer * SEQUENCES + sequence);
  }

  /** Those that the other set lacks. */
  without(other: Ids): OrderId[] {
    const keys = [...this.#keys].filter((key) => !other.#keys.has(key));
    return keys.map((key) => {
      return { writer: Math.floor(key / SEQUENCES), sequence: key % SEQUENCES };
    });
  }
}

export async function withSurvivors(
  { place }: RunContext,
  store: StoreRole,
  which: 'new' | 'more',
  work: (survivors: SurvivorsWriter) => Promise<void>,
): Promise<void> {
  const file = runFile(place.directory, STORE_FILES[store].survivors);
  const survivors = which === 'new' ? createSurvivors(file) : appendSurvivors(file);
  try {
    await work(survivors);
  } finally {
    survivors.close();
  }
}

interface Read {
  readonly store: StoreRole;
  readonly reading: Reading;
  readonly from: Pick<Store, 'node' | 'readRows'>;
}

/** Resolves to the ids that were there; null when it could not be read to its end. */
export async function read(
  { emit, signal }: RunContext,
  { store, reading, from }: Read,
  survivors: SurvivorsWriter,
): Promise<Ids | null> {
  const { node } = from;
  const ids = new Ids();
  try {
    survivors.begin(reading);
    const facts = await from.readRows((row) => {
      survivors.row(row);
      ids.add(row);
    });
    survivors.end();
    emit('survivors.read', { store, reading, node, ...facts, ok: true, detail: '' });
    return ids;
  } catch (error) {
    signal.throwIfAborted();
    survivors.abandon();
    tellUnread(emit, { store, reading, node }, reasonOf(error));
    return null;
  }
}

/** Why what one database holds is not known. */
export function tellUnread(
  emit: Emit,
  what: { readonly store: StoreRole; readonly reading: Reading; readonly node: string },
  detail: string,
): void {
  emit('survivors.read', { ...what, ...NOTHING_READ, detail });
}

export async function inspect({ emit, signal }: RunContext, store: Store): Promise<void> {
  const { role, node } = store;
  const checks = await store.inspect().catch((error: unknown) => {
    signal.throwIfAborted();
    return [{ name: `inspection of ${node}`, ok: false, detail: reasonOf(error) }];
  });
  emit('verification.checked', { checks, store: role, node });
}
