// Whether the compose files that a user adds can be read on top of drill's own, before anything is
// started.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../../host/find-program.ts';
import { UserError } from '../../../screen/user-error.ts';
import type { Variables } from '../../runtime.ts';
import { readModel, type ComposeModel } from './compose-model.ts';
import { COMPOSE_FOLDER } from './package-place.ts';

const PROJECT = 'drill-check';

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
    const model = await readModel({ name: PROJECT, files: used }, environment).catch(
      async (error: Error) => {
        if (!(await isUsable(used.slice(0, -1), environment))) return {};
        const said = error.message.split('\n').at(-1);
        throw new UserError(`${file}: docker compose cannot use it: ${said}`, {
          hint: `docker compose ${used.map((each) => `-f ${each}`).join(' ')} config`,
        });
      },
    );
    refuseOpenPorts(file, model);
  }
}

/** False where compose itself is missing or broken, of which the run says more. */
async function isUsable(files: readonly string[], environment: Variables): Promise<boolean> {
  return await readModel({ name: PROJECT, files }, environment).then(
    () => true,
    () => false,
  );
}

/** What drill brings up is not for other machines: the proxy's API asks for no password. */
function refuseOpenPorts(file: string, { services = {} }: ComposeModel): void {
  for (const [name, { ports = [] }] of Object.entries(services)) {
    const open = ports.find(({ host_ip = '0.0.0.0' }) => !/^(127\.|::1$)/.test(host_ip));
    if (open === undefined) continue;
    const { host_ip = '0.0.0.0', published = '', target } = open;
    throw new UserError(
      `${file}: port ${target} of ${name}: expected it on 127.0.0.1 only, found ${host_ip}`,
      { hint: `ports: ["127.0.0.1:${published}:${target}"]` },
    );
  }
}
