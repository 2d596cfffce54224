// The directory of a Redis server that was killed: started alone to be read. Its append-only file
// is all that the server's disk knows.
import { OperationFailed } from '../host/operation-failed.ts';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startServer, type Server, type ServerOptions } from './launcher.ts';

/** It reads the whole file first. */
const LOAD_AT_MOST_MS = 120_000;

export type DeadServerOptions = Omit<ServerOptions, 'ready_ms' | 'replicaOf'>;

/**
 * Starts it in place, on a port of its own, following nobody; rejects where its append-only file is
 * missing, since a server would make an empty one. A file whose end is torn is read up to there.
 */
export async function startAlone(options: DeadServerOptions): Promise<Server> {
  const { directory, title } = options;
  if (!hasAppendOnlyFile(directory)) {
    const expected = `an append-only file in ${directory}`;
    throw new OperationFailed({ what: title, expected, found: 'none' });
  }
  return await startServer({ ...options, replicaOf: null, ready_ms: LOAD_AT_MOST_MS });
}

/** A folder of files since version 7, a single file before. */
function hasAppendOnlyFile(directory: string): boolean {
  const folder = join(directory, 'appendonlydir');
  if (existsSync(folder)) return readdirSync(folder).some((name) => name.endsWith('.manifest'));
  return existsSync(join(directory, 'appendonly.aof'));
}
