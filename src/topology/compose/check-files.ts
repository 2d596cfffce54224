// Whether the compose files that a user adds can be read on top of drill's own, before anything is
// started.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../host/find-program.ts';
import { UserError } from '../../screen/user-error.ts';
import type { Variables } from './address.ts';
import { composeCommand } from './compose-command.ts';
import { COMPOSE_FOLDER } from './package-place.ts';

const CHECK_AT_MOST_MS = 30_000;

/** `files` are absolute. Rejects with a `UserError` that names the first that cannot be used. */
export async function checkComposeFiles(
  files: readonly string[],
  environment: Variables,
): Promise<void> {
  if (files.length === 0) return;
  // Without the command the run itself says what is missing.
  if (findProgram('docker', environment['PATH']) === null) return;
  const used = [join(COMPOSE_FOLDER, 'compose.yaml')];
  for (const file of files) {
    if (!existsSync(file)) {
      throw new UserError(`${file}: there is no such compose file`, {
        hint: 'compose.files in drill.config.yaml names it, from its own folder',
      });
    }
    used.push(file);
    const found = await complaint(used, environment);
    if (found === null) continue;
    throw new UserError(`${file}: docker compose cannot use it: ${found}`, {
      hint: `docker compose ${used.map((each) => `-f ${each}`).join(' ')} config`,
    });
  }
}

/** What compose says of the last of the files; null when it is fine. */
async function complaint(files: readonly string[], environment: Variables): Promise<string | null> {
  const [command = '', ...args] = composeCommand({ name: 'drill-check', files });
  const env = { ...environment, COMPOSE_PROFILES: '*' };
  try {
    const options = { env, timeout: CHECK_AT_MOST_MS };
    await promisify(execFile)(command, [...args, 'config', '--quiet'], options);
    return null;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const said = stderr.trim().split('\n').at(-1);
    return said || message;
  }
}
