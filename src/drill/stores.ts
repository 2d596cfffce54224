// The stores that clients write to. Code asks for one by its role; which engine keeps it, and how
// files and sentences call it, stands here.

interface StoreFacts {
  readonly engine: 'postgres' | 'redis';
  /** Its name in the files of a run, in `result.json` and in flags. */
  readonly written: string;
  readonly title: string;
  /** Sentences and names name it only where it is not the usual one. */
  readonly isUsual: boolean;
  /** What its clients write, in a sentence. */
  readonly writes: string;
  /** The key of a drill file that says how much they write. */
  readonly rateKey: string;
  /** Commits can wait until its standby has them. */
  readonly hasSynchronousCommit: boolean;
  /** Rows that stand on a dead disk alone are kept, whole. */
  readonly isSalvaged: boolean;
}

export const STORES = {
  orders: {
    engine: 'postgres',
    written: 'postgres',
    title: 'PostgreSQL',
    isUsual: true,
    writes: 'writes',
    rateKey: 'workload.rate',
    hasSynchronousCommit: true,
    isSalvaged: true,
  },
  carts: {
    engine: 'redis',
    written: 'redis',
    title: 'Redis',
    isUsual: false,
    writes: 'Redis writes',
    rateKey: 'workload.carts',
    hasSynchronousCommit: false,
    isSalvaged: false,
  },
} as const satisfies Record<string, StoreFacts>;

export type StoreRole = keyof typeof STORES;
export type StoreEngine = (typeof STORES)[StoreRole]['engine'];
/** As files and flags name it. */
export type WrittenStore = (typeof STORES)[StoreRole]['written'];

/** The usual one first. */
export const STORE_ROLES = Object.keys(STORES) as StoreRole[];

/** Every name that a file can give a store, in the order of their roles. */
export const WRITTEN_STORES = STORE_ROLES.map((role) => STORES[role].written);

/** The store that files and flags call so; undefined: none. */
export function roleWritten(written: unknown): StoreRole | undefined {
  return STORE_ROLES.find((role) => STORES[role].written === written);
}

/** `check`, or `check (redis)` where it is about another store than the usual one. */
export function named(check: string, store: StoreRole): string {
  const { isUsual, written } = STORES[store];
  return isUsual ? check : `${check} (${written})`;
}
