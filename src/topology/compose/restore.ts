// A database made from the repository where none has stood: a container like that of the other
// region, on a volume of its own, whose entrypoint copies a base backup, checks it and replays the
// log.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { passesMs } from '../../drill/plan/data.ts';
import { OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import { until, type Clock } from '../../host/clock.ts';
import type { LogToReplay } from '../../postgres/repository/restore-log.ts';
import { restoreAt, type RestoreSite } from '../../postgres/restore/restore-attempts.ts';
import { targetSettings } from '../../postgres/restore/restore-target.ts';
import { recoveryFailureIn, untilWritable } from '../../postgres/restore/restored-server.ts';
import { settingsText } from '../../postgres/server/settings.ts';
import type { BackupFacts } from '../../postgres/repository/layout.ts';
import type { RepositoryState } from '../../postgres/repository/protocol.ts';
import { startServerLike } from './engine/clone.ts';
import type { Container, SaidLine } from './engine/container.ts';
import type { UpContext } from '../system/system.ts';
import type { ContainerDriver, ContainerRegion } from './driver.ts';
import { REPOSITORY_PLACE, type RepositoryContainer } from './programs.ts';
import { makeVolume, removeVolume } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

const COPIED_AT_MOST_MS = 300_000;
const RESTORED_AT_MOST_MS = 300_000;
const POLL_MS = 40;
const LOOK_EVERY_MS = 250;
const SHOWN_LINES = 5;
/** The words of the entrypoint as it goes on. */
const SAYS = {
  copying: 'restore: copying',
  copied: 'restore: copied',
  verified: 'restore: verified',
  starting: 'restore: starting',
  unsound: /restore: (base-\d+) is not sound: (.*)/,
} as const;

interface Asked {
  readonly region: ContainerRegion;
  readonly driver: ContainerDriver;
  /** The database's container in the other region. */
  readonly sibling: () => Container;
  readonly target: RestoreTarget;
  readonly signal: AbortSignal;
}

/** The region has the database when this resolves, and it takes writes. */
export async function restoreContainer(
  around: Surroundings,
  repository: RepositoryContainer,
  asked: Asked,
): Promise<RestoredFacts> {
  await repository.program.request('hold', {});
  const { backups } = (await repository.program.request('state', {})) as RepositoryState;
  const site = siteOf(around, repository, asked);
  const { facts, recovered } = await restoreAt(site, asked.target, backups);
  const { container } = recovered;
  container.isEndExpected = false;
  const { Pid: pid } = container.facts.State;
  around.context.emit('node.started', { node: container.node, pid, ms: facts.replay_ms });
  return facts;
}

interface Recovered {
  readonly container: Container;
  readonly timeline: number;
  readonly ms: number;
}

function siteOf(
  around: Surroundings,
  repository: RepositoryContainer,
  asked: Asked,
): RestoreSite<Recovered> {
  const { engine, context, discarded } = around;
  const { region, driver, signal } = asked;
  const { clock, plan } = context;
  const volume = `${around.project.name}_${driver.slot.slot}-postgres`;
  let made: { readonly container: Container; readonly log: LogToReplay } | null = null;
  let starting_wall_ms = 0;
  const address = () => region.database.store.address;
  const remove = async () => {
    if (made === null) return;
    discarded.add(made.container.id);
    await made.container.remove();
    await removeVolume(engine, volume);
    made = null;
    if (region.stores.has('orders')) await region.database.store.close();
    region.joinDatabase(null);
  };
  return {
    copy: async (backup) => {
      signal.throwIfAborted();
      await remove();
      made = await startRestoring(around, repository, asked, backup, volume);
      const copied = await untilCopied(made.container, backup, context, signal);
      ({ starting_wall_ms } = copied);
      const { copy_ms, verify_ms, problems } = copied;
      // The container does one after the other.
      return { copy_ms, verified: Promise.resolve({ verify_ms, problems }) };
    },
    layLog: () => Promise.resolve(made!.log),
    recover: async () => {
      const { container } = made!;
      const over = new AbortController();
      const server = { title: container.node, ended: untilDead(container, clock, over.signal) };
      const waiting = { clock, ready_ms: RESTORED_AT_MOST_MS + passesMs(plan, 1), signal };
      try {
        const timeline = await untilWritable(server, address(), waiting);
        return { container, timeline, ms: Math.max(0, clock.wall() - starting_wall_ms) };
      } catch (error) {
        signal.throwIfAborted();
        throw recoveryFailureIn((await container.said()).join('\n')) ?? error;
      } finally {
        over.abort();
      }
    },
    address,
    remove,
  };
}

/** Starts the container, which is the region's database from now on; it may fail. */
async function startRestoring(
  around: Surroundings,
  repository: RepositoryContainer,
  { region, driver, sibling, target }: Asked,
  backup: BackupFacts,
  volume: string,
): Promise<{ readonly container: Container; readonly log: LogToReplay }> {
  const asked = { backup: backup.name };
  const log = (await repository.program.request('log', asked)) as LogToReplay;
  await makeVolume(around, volume);
  const container = await startServerLike(around.engine, sibling(), {
    service: `${driver.slot.slot}-postgres`,
    node: `${region.name}/postgres`,
    mode: 'restore',
    told: {
      DRILL_RESTORE_BACKUP: backup.name,
      DRILL_RESTORE_TARGET: settingsText(targetSettings(target)),
      DRILL_RESTORE_PARTIAL: log.partial ?? '',
    },
    volume,
    mounted: { [repository.container.dataVolume]: REPOSITORY_PLACE },
  });
  // Whoever restores is told of it.
  container.isEndExpected = true;
  driver.joinDatabase(region, container);
  await around.logs.follow(container);
  return { container, log };
}

/** Until the entrypoint starts the server on a sound copy, or has ended for one that is not. */
async function untilCopied(
  container: Container,
  backup: BackupFacts,
  { clock, plan }: Pick<UpContext, 'clock' | 'plan'>,
  signal: AbortSignal,
) {
  const atMost_ms = COPIED_AT_MOST_MS + passesMs(plan, 2);
  const deadline_ms = clock.now() + atMost_ms;
  const copied = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
    const { state } = await container.look();
    const said = await container.saidWhen();
    const at = (words: string) => said.find(({ text }) => text.includes(words))?.wall_ms;
    const starting_wall_ms = at(SAYS.starting);
    if (starting_wall_ms !== undefined) {
      const copied = at(SAYS.copied)!;
      const [copy_ms, verify_ms] = [copied - at(SAYS.copying)!, at(SAYS.verified)! - copied];
      return { copy_ms, verify_ms, problems: [], starting_wall_ms };
    }
    if (state !== 'dead') return null;
    return { copy_ms: 0, verify_ms: 0, problems: [unsound(said)], starting_wall_ms: 0 };
  });
  if (copied !== null) return copied;
  const expected = `a copy within ${atMost_ms / 1_000} s`;
  throw new OperationFailed({ what: backup.name, expected, found: 'none' });
}

/**
 * How it ended; once `signal` aborts, that nobody looks any more. An engine that does not answer
 * says nothing of the container.
 */
async function untilDead(container: Container, clock: Clock, signal: AbortSignal): Promise<string> {
  const waiting = { clock, deadline_ms: Infinity, every_ms: LOOK_EVERY_MS, signal };
  const dead = await until(waiting, async () => {
    const seen = await unlessFailed(container.look());
    return seen?.state === 'dead' ? seen.detail : null;
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return null;
  });
  return dead ?? 'it is not looked at any more';
}

/** Why the entrypoint gave up; throws where that is nothing against the backup. */
function unsound(said: readonly SaidLine[]): string {
  const lines = said.map(({ text }) => text);
  const found = lines.map((line) => SAYS.unsound.exec(line)).find((match) => match !== null);
  if (found) return `${found[1]}: ${found[2]}`;
  const last = lines.slice(-SHOWN_LINES).join('; ') || 'no word of it';
  throw new OperationFailed({
    what: 'the restored database',
    expected: 'it to start',
    found: last,
  });
}
