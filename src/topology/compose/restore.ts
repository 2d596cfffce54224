// A database made from the repository where none has stood: a container like that of the other
// region, on a volume of its own, whose entrypoint copies a base backup, checks it and replays the
// log.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import type { Clock } from '../../host/clock.ts';
import type { LogToReplay } from '../../postgres/repository/restore-log.ts';
import { parseLsn } from '../../postgres/server/lsn.ts';
import { restoreAt, type RestoreSite } from '../../postgres/restore/restore-attempts.ts';
import { targetSettings } from '../../postgres/restore/restore-target.ts';
import {
  forkPointOf,
  recoveryFailureIn,
  untilWritable,
} from '../../postgres/restore/restored-server.ts';
import { settingsText } from '../../postgres/server/settings.ts';
import type { BackupFacts } from '../../postgres/repository/layout.ts';
import type { LogReply, RepositoryState } from '../../postgres/repository/protocol.ts';
import { startServerLike } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { saidBy, saidWhen, type SaidLine } from './engine/logs.ts';
import type { ContainerDriver, ContainerRegion, Surroundings } from './driver.ts';
import { REPOSITORY_PLACE, type RepositoryContainer } from './repository.ts';
import { dataVolume, makeVolume, removeContainer, removeVolume } from './engine/volumes.ts';

const COPIED_AT_MOST_MS = 300_000;
const RESTORED_AT_MOST_MS = 300_000;
const LOOK_MS = 5_000;
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
  const site = new ContainerSite(around, repository, asked);
  const { facts, recovered } = await restoreAt(site, asked.target, backups);
  const { container } = recovered;
  container.expectLife();
  const { Pid: pid } = container.facts.State;
  around.context.emit('node.started', { node: container.node, pid, ms: facts.replay_ms });
  return facts;
}

interface Recovered {
  readonly container: Container;
  readonly timeline: number;
  readonly ms: number;
}

class ContainerSite implements RestoreSite<Recovered> {
  readonly #around: Surroundings;
  readonly #repository: RepositoryContainer;
  readonly #asked: Asked;
  readonly #clock: Clock;
  readonly #volume: string;
  #made: { readonly container: Container; readonly log: LogReply } | null = null;
  #starting_wall_ms = 0;

  constructor(around: Surroundings, repository: RepositoryContainer, asked: Asked) {
    this.#around = around;
    this.#repository = repository;
    this.#asked = asked;
    this.#clock = around.context.clock;
    this.#volume = `${around.project.name}_${asked.driver.slot.slot}-postgres`;
  }

  async copy(backup: BackupFacts) {
    const { signal } = this.#asked;
    signal.throwIfAborted();
    await this.remove();
    const container = await this.#make(backup);
    const until = this.#clock.now() + COPIED_AT_MOST_MS;
    for (;;) {
      const { state } = await container.look(LOOK_MS);
      const said = await saidWhen(this.#around.engine, container);
      const at = (words: string) => said.find(({ text }) => text.includes(words))?.wall_ms;
      const starting = at(SAYS.starting);
      if (starting !== undefined) {
        this.#starting_wall_ms = starting;
        const copied = at(SAYS.copied)!;
        const [copy_ms, verify_ms] = [copied - at(SAYS.copying)!, at(SAYS.verified)! - copied];
        return { copy_ms, verify_ms, problems: [] };
      }
      if (state === 'dead') return { copy_ms: 0, verify_ms: 0, problems: [unsound(said)] };
      if (this.#clock.now() > until) {
        const expected = `a copy within ${COPIED_AT_MOST_MS / 1_000} s`;
        throw new OperationFailed({ what: backup.name, expected, found: 'none' });
      }
      await this.#clock.sleep(POLL_MS, signal);
    }
  }

  async #make(backup: BackupFacts): Promise<Container> {
    const { engine, logs, context } = this.#around;
    const { region, driver, sibling, target } = this.#asked;
    const { name } = region;
    const { slot } = driver.slot;
    const asked = { backup: backup.name };
    const log = (await this.#repository.program.request('log', asked)) as LogReply;
    await makeVolume(engine, this.#volume, context.place.id);
    const model = sibling();
    const from = model.service.split('-')[0]!;
    const container = await startServerLike(engine, model, {
      service: `${slot}-postgres`,
      node: `${name}/postgres`,
      moved: { from, to: slot, region: name },
      mode: 'restore',
      told: {
        DRILL_RESTORE_BACKUP: backup.name,
        DRILL_RESTORE_TARGET: settingsText(targetSettings(target)),
        DRILL_RESTORE_PARTIAL: log.partial ?? '',
      },
      volume: this.#volume,
      mounted: { [dataVolume(this.#repository.container.facts)]: REPOSITORY_PLACE },
    });
    // It may fail; whoever restores is told of it.
    container.expectEnd();
    this.#made = { container, log };
    driver.joinDatabase(region, container);
    await logs.follow(container);
    return container;
  }

  layLog(): Promise<LogToReplay> {
    const { end, gap } = this.#made!.log;
    return Promise.resolve({ end: parseLsn(end), gap });
  }

  async recover(): Promise<Recovered> {
    const { signal } = this.#asked;
    const { container } = this.#made!;
    const over = new AbortController();
    const server = { title: container.node, ended: this.#untilDead(container, over.signal) };
    const waiting = { clock: this.#clock, ready_ms: RESTORED_AT_MOST_MS, signal };
    try {
      const timeline = await untilWritable(server, this.#address(), waiting);
      const ms = Math.max(0, this.#clock.wall() - this.#starting_wall_ms);
      return { container, timeline, ms };
    } catch (error) {
      signal.throwIfAborted();
      const said = await saidBy(this.#around.engine, container);
      throw recoveryFailureIn(said.join('\n')) ?? error;
    } finally {
      over.abort();
    }
  }

  #address() {
    return this.#asked.region.database.store.address;
  }

  /** Never, once `over` aborts. An engine that does not answer says nothing of the container. */
  async #untilDead(container: Container, over: AbortSignal): Promise<string> {
    for (;;) {
      const seen = await unlessFailed(container.look(LOOK_MS));
      if (seen?.state === 'dead') return seen.detail;
      const isOver = await this.#clock.sleep(LOOK_EVERY_MS, over).then(
        () => false,
        () => true,
      );
      if (isOver) return 'it is not looked at any more';
    }
  }

  async forkPoint({ timeline }: Recovered): Promise<bigint> {
    return await forkPointOf(this.#address(), timeline);
  }

  async remove(): Promise<void> {
    const { engine, discarded } = this.#around;
    const { driver, region } = this.#asked;
    if (this.#made === null) return;
    discarded.add(this.#made.container.id);
    await removeContainer(engine, this.#made.container);
    await removeVolume(engine, this.#volume);
    this.#made = null;
    await driver.leaveDatabase(region);
  }
}

/** Why the entrypoint gave up; throws where that is nothing against the backup. */
function unsound(said: readonly SaidLine[]): string {
  const lines = said.map(({ text }) => text);
  const found = lines.map((line) => SAYS.unsound.exec(line)).find((match) => match !== null);
  if (found) return `${found[1]}: ${found[2]}`;
  const last = lines.slice(-SHOWN_LINES).join('; ');
  const words = last || 'no word of it';
  throw new OperationFailed({
    what: 'the restored database',
    expected: 'it to start',
    found: words,
  });
}
