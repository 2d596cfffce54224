// What exists of an embedded system while it comes up, and how all of it ends.
import type { startLinks } from '../../link/start.ts';
import type { Bidirectional } from '../system/protection.ts';
import type { UpContext } from '../system/system.ts';
import type { spawnGslb } from './gslb.ts';
import type { CartsKit } from './redis-servers.ts';
import type { EmbeddedRegion } from './region.ts';
import type { ServerKit, Site } from './servers.ts';
import type { StorageKit } from './storage.ts';

export type RunningLinks = Awaited<ReturnType<typeof startLinks>>;
export type Environment = Record<string, string>;

export interface Parts {
  readonly context: UpContext;
  readonly environment: Environment;
  readonly kit: ServerKit;
  /** Null: the plan has no Redis. */
  readonly carts: CartsKit | null;
  readonly sites: ReadonlyMap<string, Site>;
  readonly regions: ReadonlyMap<string, EmbeddedRegion>;
  readonly gslb: ReturnType<typeof spawnGslb>;
  /** Null: the plan keeps no backups. */
  readonly storage: StorageKit | null;
  /** Where the storage takes log from the primary. */
  storageListens: { readonly host: string; readonly port: number } | null;
  /** Null until both directions stream, and where one region follows the other. */
  bidirectional: Bidirectional | null;
  links: RunningLinks | null;
}
