// Three plain PostgreSQL servers, two of them in one region, so that a region is lost with both; and
// an operator with scripts, as of two servers.
import { locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { runArgv, startStack } from './start.ts';

/** Its servers are `east/db1`, `east/db2` and `west/db3`. */
export async function startThreeServers(): Promise<Stack> {
  const bin = locatePostgres();
  const stack = await startStack({ script: 'three-servers', bin, ports: ['DB3'] });
  const ports = await Promise.all(
    ['db1', 'db2', 'db3'].map(async (node) => (await runArgv(stack.command('port', node))).trim()),
  );
  const all = (text: string) => {
    const urls = ports.map((port) => Object.assign(new URL(text), { port }).href);
    const [db1, db2, db3] = urls;
    return { 'east/db1': db1, 'east/db2': db2, 'west/db3': db3 } as unknown as Stack['databases'];
  };
  return {
    ...stack,
    databases: all(stack.databases['east/db1']),
    admins: all(stack.admins['east/db1']),
  };
}
