// The storage of the second region, in a container of its own: the runner talks to it by the
// operator's way, it reaches the primary through the link between the regions, and so does the
// primary it.
import { LOOPBACK } from '../../host/ports.ts';
import { connectProgram, type ProgramClient } from '../../host/program/program-client.ts';
import type { RepositorySettings } from '../../postgres/repository/protocol.ts';
import {
  storageOf,
  type OpenBackups,
  storageReceiver,
  tellOfStorage,
} from '../assembled/storage.ts';
import type { Container } from './engine/container.ts';
import type { Surroundings } from './driver.ts';
import type { OpenDatabase } from '../assembled/database.ts';
import { assertSharedClock } from './published.ts';
import { PORTS, STORAGE_LISTENS, TOXIPROXY } from './project/slots.ts';

/** Where its volume is, in its own container and in those that restore from it. */
export const STORAGE_PLACE = '/storage';

export interface StorageContainer {
  readonly container: Container;
  readonly program: ProgramClient;
}

/** The program, which is asked nothing yet. */
export function storageIn(
  { toxiproxy, project }: Surroundings,
  container: Container,
): StorageContainer {
  const { node: title } = container;
  const port = toxiproxy.port(PORTS.operatorStorage);
  const { control: token } = project.secrets;
  return { container, program: connectProgram({ title, host: LOOPBACK, port, token }) };
}

/** Has it take base backups and log of the database in `server`. */
export async function startStorage(
  around: Surroundings,
  { container, program }: StorageContainer,
  primary: OpenDatabase,
  server: Container,
): Promise<OpenBackups> {
  const { emit, clock } = around.context;
  const { node } = container;
  await assertSharedClock(program);
  await program.follow(
    (name, body) => tellOfStorage(emit, name, body),
    (reason) => emit('run.noted', { text: `${node} says nothing more: ${reason}` }),
  );
  await program.request('start', settingsOf(around, await ownerIn(server)));
  return storageOf({ node, program, primary: primary.address, clock });
}

function settingsOf(
  { context, project }: Surroundings,
  owner: RepositorySettings['owner'],
): RepositorySettings {
  const { plan, place, origin_ms } = context;
  const { every_ms, keep, wal } = plan.backup!;
  const { postgres, archive } = project.secrets;
  const primary = { host: TOXIPROXY, port: PORTS.replicationPostgres, ...postgres.replication };
  return {
    ...{ origin_ms, run: place.id, directory: STORAGE_PLACE, every_ms, keep, wal, primary, owner },
    ...{ name: storageReceiver(plan.replication.to), token: archive },
    listen: { host: '0.0.0.0', port: STORAGE_LISTENS },
  };
}

/** The user that restores: whatever the image calls `postgres`. */
async function ownerIn(server: Container): Promise<{ uid: number; gid: number }> {
  const id = async (which: string) => Number(await server.run(['id', which, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}
