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
  untilProtected,
} from '../assembled/storage.ts';
import type { Container } from './engine/container.ts';
import { primaryAddress, type Parts } from './parts.ts';
import { assertSharedClock } from './published.ts';
import { PORTS, STORAGE_LISTENS, TOXIPROXY } from './project/slots.ts';

/** Where its volume is, in its own container and in those that restore from it. */
export const STORAGE_PLACE = '/storage';

export interface StorageContainer {
  readonly container: Container;
  readonly program: ProgramClient;
  readonly storage: OpenBackups;
}

/** Resolves once it holds a base backup and the log up to now. */
export async function startStorage(
  parts: Parts,
  container: Container,
  { toxiproxy, primary }: { readonly toxiproxy: Container; readonly primary: Container },
): Promise<StorageContainer> {
  const { context, project } = parts;
  const { emit, clock } = context;
  const { node } = container;
  const port = toxiproxy.port(PORTS.operatorStorage);
  const { control } = project.secrets;
  const program = connectProgram({ title: node, host: LOOPBACK, port, token: control });
  parts.programs.push(program);
  await assertSharedClock(program);
  await program.follow(
    (name, body) => tellOfStorage(emit, name, body),
    (reason) => emit('run.noted', { text: `${node} says nothing more: ${reason}` }),
  );
  await program.request('start', settingsOf(parts, await ownerIn(primary)));
  const storage = storageOf({ node, program, primary: primaryAddress(parts), clock });
  await untilProtected(storage, context);
  return { container, program, storage };
}

function settingsOf(
  { context, project }: Parts,
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
