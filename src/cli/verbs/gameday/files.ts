// The game-day files of a command, read with everything that they name.
import { readGameDay } from '../../../gameday/read.ts';
import { UserError } from '../../../screen/user-error.ts';
import { writeDiagnostics } from '../../read-drill.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';

export type FileRead = { readonly file: string } & Awaited<ReturnType<typeof readGameDay>>;

export async function readFiles(args: VerbArguments, context: CliContext): Promise<FileRead[]> {
  const variables = variablesOf([args['var'] ?? []].flat().map(String));
  const read: FileRead[] = [];
  for (const file of namedIn(args)) {
    read.push({ file, ...(await readGameDay(file, variables, context)) });
  }
  return read;
}

/** What is wrong with them, on stderr; null where one cannot be used. */
export function usable(files: readonly FileRead[], context: CliContext) {
  for (const { diagnostics } of files) writeDiagnostics(diagnostics, context);
  const read = files.flatMap((file) => file.read ?? []);
  return read.length === files.length ? read : null;
}

/** The words after the action. */
export function namedIn(args: VerbArguments): string[] {
  return [args['words'] ?? []].flat().map(String);
}

function variablesOf(given: readonly string[]): Record<string, string> {
  const pairs = given.map((each): [string, string] => {
    const at = each.indexOf('=');
    if (at < 1) throw new UserError(`--var: expected name=value, got "${each}"`);
    return [each.slice(0, at), each.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
