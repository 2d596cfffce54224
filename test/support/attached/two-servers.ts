// Two plain PostgreSQL servers, of which one follows the other, and an operator with scripts: besides
// those of every stack `fence NODE`, `promote NODE` and `rebuild NODE`. Nothing takes over by itself.
import { locatePostgres } from './programs.ts';
import type { Stack } from './stack.ts';
import { startStack } from './start.ts';

export async function startTwoServers(): Promise<Stack> {
  return await startStack({ script: 'two-servers', bin: locatePostgres() });
}
