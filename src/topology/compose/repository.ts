// The repository of the second region, in a container of its own: the runner talks to it by the
// operator's way, it reaches the primary through the link between the regions, and so does the
// primary it.
import { LOOPBACK } from '../../host/ports.ts';
import { connectProgram, type ProgramClient } from '../../host/program/program-client.ts';
import type { RepositorySettings } from '../../postgres/repository/protocol.ts';
import {
  repositoryOf,
  type OpenBackups,
  repositoryReceiver,
  tellOfRepository,
} from '../assembled/repository.ts';
import type { Container } from './engine/container.ts';
import type { Surroundings } from './driver.ts';
import type { OpenDatabase } from '../assembled/database.ts';
import { assertSharedClock } from './published.ts';
import { PORTS, REPOSITORY_LISTENS, TOXIPROXY } from './project/slots.ts';

/** Where its volume is, in its own container and in those that restore from it. */
export const REPOSITORY_PLACE = '/storage';

export interface RepositoryContainer {
  readonly container: Container;
  readonly program: ProgramClient;
}

/** The program, which is asked nothing yet. */
export function repositoryIn(
  { toxiproxy, project }: Surroundings,
  container: Container,
): RepositoryContainer {
  const { node: title } = container;
  const port = toxiproxy.port(PORTS.operatorRepository);
  const { control: token } = project.secrets;
  return { container, program: connectProgram({ title, host: LOOPBACK, port, token }) };
}

/** Has it take base backups and log of the database in `server`. */
export async function startRepository(
  around: Surroundings,
  { container, program }: RepositoryContainer,
  primary: OpenDatabase,
  server: Container,
): Promise<OpenBackups> {
  const { emit, clock } = around.context;
  const { node } = container;
  await assertSharedClock(program);
  await program.follow(
    (name, body) => tellOfRepository(emit, name, body),
    (reason) => emit('run.noted', { text: `${node} says nothing more: ${reason}` }),
  );
  await program.request('start', settingsOf(around, await ownerIn(server)));
  return repositoryOf({ node, program, primary: primary.address, clock });
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
    ...{
      origin_ms,
      run: place.id,
      directory: REPOSITORY_PLACE,
      every_ms,
      keep,
      wal,
      primary,
      owner,
    },
    ...{ name: repositoryReceiver(plan.replication.to), token: archive },
    listen: { host: '0.0.0.0', port: REPOSITORY_LISTENS },
  };
}

/** The user that restores: whatever the image calls `postgres`. */
async function ownerIn(server: Container): Promise<{ uid: number; gid: number }> {
  const id = async (which: string) => Number(await server.run(['id', which, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}
