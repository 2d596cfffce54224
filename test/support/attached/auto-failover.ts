// Two PostgreSQL servers under pg_auto_failover, synchronous as it has them by itself. Its monitor
// gives a primary that is lost half a minute to put itself down, so that another takes writes after
// some fifty seconds.
import { AUTO_FAILOVER, directoryOf, locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { startStack } from './start.ts';

export async function startAutoFailover(): Promise<Stack> {
  return await startStack({
    script: 'auto-failover',
    bin: locatePostgres(AUTO_FAILOVER),
    path: directoryOf('pg_autoctl'),
    ports: ['MONITOR'],
  });
}
