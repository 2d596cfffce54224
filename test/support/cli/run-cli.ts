// Runs the command line in this process. Imported when it is called: mocha loads tests another way
// than `import()` loads verbs, and with both in one process each error class would exist twice.
import type { Screen } from '../../../src/screen/screen.ts';
import { contextIn } from './recording-screen.ts';

export async function runCli(
  argv: readonly string[],
  directory: string,
  screen: Screen,
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const cli = await import('../../../src/cli/cli.ts');
  const context = contextIn(directory, screen);
  return await cli.runCli(argv, {
    ...context,
    environment: { ...context.environment, ...environment },
  });
}
