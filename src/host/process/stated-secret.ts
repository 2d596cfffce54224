// A secret of somebody's, from where a file says that it is. It stands in memory alone.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EnvironmentError } from '../environment-error.ts';
import { orProblem } from '../operation-failed.ts';
import { commandOutput } from './command-output.ts';

const COMMAND_MS = 10_000;

/** Where it is: a variable of the environment, a file, or a command that prints it. */
export type StatedSecret =
  { readonly env: string } | { readonly file: string } | { readonly command: readonly string[] };

/**
 * `what` it is, in words; a file and a command are those of `directory`, or of where drill is
 * called. Rejects, as a problem of the environment, where there is none.
 */
export async function secretOf(
  what: string,
  stated: StatedSecret,
  environment: Readonly<Record<string, string | undefined>>,
  directory?: string,
): Promise<string> {
  if ('env' in stated) {
    const found = environment[stated.env];
    if (found !== undefined && found !== '') return found;
    throw new EnvironmentError({
      what,
      expected: `the variable ${stated.env}`,
      found: found === undefined ? 'that it is not set' : 'that it is empty',
      hint: `export ${stated.env}=… before drill is called`,
    });
  }
  if ('file' in stated) return fileSecret(what, resolve(directory ?? '', stated.file));
  const { command } = stated;
  const own = {
    environment,
    atMost_ms: COMMAND_MS,
    ...(directory === undefined ? {} : { cwd: directory }),
  };
  const output = commandOutput(command, own);
  const printed = await orProblem(output, () => ({
    what,
    expected: 'the command to print it',
    hint: `try it: ${command.join(' ')}`,
  }));
  const [line = ''] = printed.split('\n', 1);
  if (line !== '') return line;
  throw new EnvironmentError({
    what,
    expected: `a first line from ${command.join(' ')}`,
    found: 'none',
    hint: 'the command prints the secret and nothing before it',
  });
}

function fileSecret(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new EnvironmentError({
      what,
      expected: `a file that can be read: ${file}`,
      found: (error as NodeJS.ErrnoException).code ?? String(error),
      hint: 'the path is of this machine, from the folder that drill is called in',
    });
  }
}
