// The programs of drill's own that run in containers, reached by the operator's way: the GSLB, and
// the repository of the second region, which reaches the primary through the link between the
// regions, as the primary reaches it.
import type { GslbSettings } from '../../gslb/protocol.ts';
import { hostNow } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { LOOPBACK, type Address } from '../../host/ports.ts';
import {
  connectProgram,
  type ProgramChannel,
  type ProgramClient,
} from '../../host/program/program-client.ts';
import type { RepositorySettings } from '../../postgres/repository/protocol.ts';
import type { OpenDatabase } from '../assembled/database.ts';
import {
  gslbOver,
  gslbSettings,
  RegionWatch,
  tellUnheard,
  untilServing,
  type GslbNode,
  type RunningGslb,
} from '../assembled/gslb.ts';
import {
  backupAtMostMs,
  repositoryOf,
  repositoryReceiver,
  tellOfRepository,
} from '../assembled/repository.ts';
import type { Backups } from '../system/protection.ts';
import type { Container } from './engine/container.ts';
import { unlessMissing } from './engine/engine.ts';
import { pauseContainers } from './pause.ts';
import { APP_PORT, PORTS, REPOSITORY_LISTENS, TOXIPROXY } from './project/slots.ts';
import type { Surroundings } from './surroundings.ts';

/** Inside its container. */
const GSLB_DNS = 5353;
const GSLB_CONTROL = 9000;
/** The repository's volume, in its own container and in those that restore from it. */
export const REPOSITORY_PLACE = '/storage';

/** The addresses at which clients ask the GSLB, and the runner does. */
export function gslbPlaces(container: Container) {
  return {
    address: { host: LOOPBACK, port: container.port(GSLB_DNS, 'udp') },
    control: { host: LOOPBACK, port: container.port(GSLB_CONTROL) },
  };
}

/**
 * Where the app instance takes orders of its runner: inside of its region's own network, where no
 * link is. Null: it does not run.
 */
export async function appControl(
  containers: readonly Container[],
  node: string,
): Promise<Address | null> {
  const container = containers.find((each) => each.node === node);
  if (container === undefined) return null;
  // It may have another address in each of its lives.
  const asked = container.call(`inspect ${node}`, (own) => own.inspect());
  const networks = (await unlessMissing(asked))?.NetworkSettings.Networks ?? {};
  const host = Object.values(networks)[0]?.IPAddress ?? '';
  return host === '' ? null : { host, port: APP_PORT };
}

/** Its container as one part of the system. */
export function gslbNode(
  around: Pick<Surroundings, 'context' | 'engine'>,
  container: Container,
): GslbNode {
  return {
    look: (timeout_ms) => container.look(timeout_ms),
    freeze: () => pauseContainers(around, [container]),
  };
}

/** Tells the program its endpoints; resolves once it answers with a healthy region. */
export async function startGslb(
  around: Surroundings,
  container: Container,
  endpoints: GslbSettings['endpoints'],
): Promise<RunningGslb> {
  const { context, project, ends } = around;
  const { clock, emit, signal } = context;
  const { address, control } = gslbPlaces(container);
  const { control: token } = project.secrets;
  const program = connectProgram({ title: 'gslb', ...control, token });
  ends.push(() => program.close());
  await assertSharedClock(program);
  const watch = new RegionWatch(emit);
  await program.follow((name, body) => watch.take(name, body), tellUnheard(emit));
  const listen = { host: '0.0.0.0', port: GSLB_DNS };
  const settings: GslbSettings = { ...gslbSettings(context), endpoints, listen };
  await program.request('start', settings);
  const node = gslbNode(around, container);
  const gslb = gslbOver({ channel: program, address, watch, clock, node });
  await untilServing(gslb, settings.serving, clock, signal);
  return gslb;
}

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
  { context, project }: Surroundings,
  { container, program }: RepositoryContainer,
  primary: OpenDatabase,
  server: Container,
): Promise<Backups> {
  const { plan, place, origin_ms, emit, clock } = context;
  const { every_ms, keep, wal } = plan.backup!;
  const { postgres, archive } = project.secrets;
  const { node } = container;
  await assertSharedClock(program);
  await program.follow(
    (name, body) => tellOfRepository(emit, name, body),
    (reason) => emit('run.noted', { text: `${node} says nothing more: ${reason}` }),
  );
  const settings: RepositorySettings = {
    origin_ms,
    run: place.id,
    directory: REPOSITORY_PLACE,
    every_ms,
    keep,
    wal,
    primary: { host: TOXIPROXY, port: PORTS.replicationPostgres, ...postgres.replication },
    owner: await ownerIn(server),
    name: repositoryReceiver(plan.replication.to),
    token: archive,
    listen: { host: '0.0.0.0', port: REPOSITORY_LISTENS },
  };
  await program.request('start', settings);
  const backup_ms = backupAtMostMs(plan);
  return repositoryOf({ node, program, primary: primary.address, clock, backup_ms });
}

/** The user that restores: whatever the image calls `postgres`. */
async function ownerIn(server: Container): Promise<{ uid: number; gid: number }> {
  const id = async (which: string) => Number(await server.run(['id', which, 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}

const ATTEMPTS = 3;
/** Of the readings themselves; two clocks of two machines are seconds apart, mostly days. */
const SLACK_MS = 1;

/** Its reading must lie between one before the question and one after the answer. */
async function assertSharedClock(program: ProgramChannel): Promise<void> {
  let off_ms = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = hostNow();
    const { now_ms } = (await program.request('clock', {})) as { now_ms: number };
    const after = hostNow();
    if (now_ms >= before - SLACK_MS && now_ms <= after + SLACK_MS) return;
    off_ms = now_ms - (before + after) / 2;
  }
  throw new EnvironmentError({
    what: 'the clock of the containers',
    expected: 'the monotonic clock of this machine, which containers of one host share',
    found: `one that is ${Math.round(off_ms)} ms off`,
    hint:
      'the docker engine runs in a virtual machine (Docker Desktop, colima): run drill in it, or ' +
      'use --runtime embedded',
  });
}
