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
  readonly ended: Promise<unknown>;
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

  /** `east/app-1` → `east-app-1.log` */
  fileOf(node: string): string {
    return join(this.#directory, `${node.replaceAll('/', '-')}.log`);
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
      const container = docker.getContainer(id);
      const source = (await within(container.logs(options), FINISH_AT_MOST_MS, null)) as
        (NodeJS.ReadableStream & { destroy(): void }) | null;
      if (source === null) return;
      const file = createWriteStream(this.fileOf(node), { flags: 'a', mode: 0o600 });
      file.on('error', () => {}); // a full disk shows in the journal
      source.on('error', () => {}); // the engine is gone; told by whoever watches it
      docker.modem.demuxStream(source, file, file);
      const ended = finished(source).catch(() => {});
      this.#followed.push({ source, file, ended });
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
    await within(Promise.all(this.#followed.map(({ ended }) => ended)), FINISH_AT_MOST_MS, null);
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

/** The output of a container so far, a line each: the last `tail` of them, or all. */
export async function saidBy(
  engine: Engine,
  { id, node }: { readonly id: string; readonly node: string },
  tail?: number,
): Promise<string[]> {
  const options = { follow: false, stdout: true, stderr: true } as const;
  const wanted = tail === undefined ? options : { ...options, tail };
  const said = await engine.call(`logs of ${node}`, (docker) =>
    docker.getContainer(id).logs(wanted),
  );
  return linesOf(said);
}

export interface SaidLine {
  /** On the wall clock. */
  readonly wall_ms: number;
  readonly text: string;
}

/** The same with the times that the engine took the lines at. */
export async function saidWhen(
  engine: Engine,
  { id, node }: { readonly id: string; readonly node: string },
): Promise<SaidLine[]> {
  const options = { follow: false, stdout: true, stderr: true, timestamps: true } as const;
  const said = await engine.call(`logs of ${node}`, (docker) =>
    docker.getContainer(id).logs(options),
  );
  return linesOf(said).map((line) => {
    const at = line.indexOf(' ');
    return { wall_ms: Date.parse(line.slice(0, at)), text: line.slice(at + 1) };
  });
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
