// A dead server's directory, opened in place to be read.
import { startFenced, type DeadServerOptions } from '../../postgres/server/dead.ts';
import type { UpdateRule } from '../../postgres/server/shared-rows.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { contentsOf } from '../assembled/database.ts';
import type { DeadStore } from '../system/store.ts';

/** Starts a dead server's directory alone; it can be opened again after `stop`. */
export async function openDead(
  options: DeadServerOptions,
  admin: Role,
  updates: UpdateRule | null = null,
): Promise<DeadStore> {
  const server = await startFenced(options);
  return { ...contentsOf(server, admin, updates), stop: () => server.stop() };
}
