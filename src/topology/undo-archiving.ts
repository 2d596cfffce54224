// Ends the fault `break-archive` of a runner that was killed, on a system that lives on: how to
// reach its primary stands in its `system.json`, which only its owner can read.
import { existsSync } from 'node:fs';
import { runFile } from '../evidence/run-files.ts';
import { isStillThere } from '../host/process/other-process.ts';
import { setArchiving } from '../postgres/backup/archiver.ts';
import type { Role } from '../postgres/server/primary.ts';
import { addressAt, type Variables } from './compose/address.ts';
import { containersOf } from './compose/container.ts';
import { engineAt } from './compose/engine.ts';
import { adminAddress } from './database.ts';
import { readKeptSystem, type KeptSystem } from './kept-system.ts';

const LOOK_MS = 5_000;

/** Resolves to what could not be undone, in words; nothing where the primary is gone. */
export async function mendArchiving(
  directory: string,
  node: string,
  environment: Variables,
): Promise<string[]> {
  if (!existsSync(runFile(directory, 'system'))) return []; // it goes down with its run
  try {
    const kept = readKeptSystem(directory);
    const url = kept.nodes.find((each) => each.node === node)?.url;
    if (url === undefined || !(await isThere(kept, node, environment))) return [];
    const { hostname: host, port } = new URL(url);
    await setArchiving(adminAddress({ host, port: Number(port) }, adminOf(kept)), true);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function adminOf(kept: KeptSystem): Role {
  return kept.runtime === 'embedded'
    ? kept.embedded.admin
    : kept.compose.project.secrets.postgres.admin;
}

async function isThere(kept: KeptSystem, node: string, environment: Variables): Promise<boolean> {
  if (kept.runtime === 'embedded') {
    const server = kept.embedded.servers.find((each) => each.node === node);
    return server !== undefined && isStillThere(server);
  }
  const engine = engineAt(addressAt(kept.compose.docker, environment));
  const container = (await containersOf(engine, kept.run)).find((each) => each.node === node);
  return container !== undefined && (await container.look(LOOK_MS)).state === 'running';
}
