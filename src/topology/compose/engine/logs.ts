// The logs of a run's containers, followed into the run directory from the start, so that nothing
// is missing when a container is killed and removed.
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Clock, within } from '../../../host/clock.ts';
import type { Engine } from './engine.ts';

const FINISH_AT_MOST_MS = 2_000;

interface Followed {
  readonly source: NodeJS.ReadableStream & { destroy(): void };
  readonly file: WriteStream;
}

export class ContainerLogs {
  readonly #engine: Engine;
  readonly #directory: string;
  readonly #followed: Followed[] = [];
  readonly #known = new Set<string>();

  constructor(engine: Engine, directory: string) {
    this.#engine = engine;
    this.#directory = directory;
  }

  /**
   * From its first line on, where doing it twice is fine; or again from `since` (seconds since
   * 1970), for a container that was started again. Never rejects: a log is no evidence.
   */
  async follow(
    { id, node }: { readonly id: string; readonly node: string },
    since?: number,
  ): Promise<void> {
    if (since === undefined && this.#known.has(id)) return;
    this.#known.add(id);
    const docker = this.#engine.streaming;
    const options = { follow: true, stdout: true, stderr: true, since: since ?? 0 } as const;
    try {
      const source = (await within(
        docker.getContainer(id).logs(options),
        FINISH_AT_MOST_MS,
        null,
      )) as Followed['source'] | null;
      if (source === null) return;
      // `east/app-1` → `east-app-1.log`
      const name = join(this.#directory, `${node.replaceAll('/', '-')}.log`);
      const file = createWriteStream(name, { flags: 'a', mode: 0o600 });
      file.on('error', () => {}); // a full disk shows in the journal
      source.on('error', () => {}); // the engine is gone; told by whoever watches it
      docker.modem.demuxStream(source, file, file);
      this.#followed.push({ source, file });
    } catch {
      // it was removed meanwhile
    }
  }

  /** Starts a container that has ended; what it says from now on follows what it said before. */
  async startAgain(
    container: { readonly id: string; readonly node: string; start(): Promise<void> },
    clock: Clock,
  ): Promise<void> {
    const since = Math.floor(clock.wall() / 1_000);
    await container.start();
    await this.follow(container, since);
  }

  /** Waits until what was said so far is written, when the containers have ended, and lets go. */
  async finish(): Promise<void> {
    const ends = this.#followed.map(({ source }) => finished(source));
    await within(Promise.allSettled(ends), FINISH_AT_MOST_MS, null);
    this.release();
  }

  /** Nothing that follows is written any more. */
  release(): void {
    for (const { source, file } of this.#followed) {
      source.destroy();
      file.end();
    }
  }
}

/** The engine puts eight bytes before each piece: stream, and length at the fifth. */
export function linesOf(multiplexed: Buffer): string[] {
  let text = '';
  for (let at = 0; at + 8 <= multiplexed.length;) {
    const length = multiplexed.readUInt32BE(at + 4);
    text += multiplexed.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text.split('\n').filter((line) => line.trim() !== '');
}
