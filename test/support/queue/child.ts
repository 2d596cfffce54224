// A program of a test that shares a queue, and what it has said.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostClock, until } from '../../../src/host/clock.ts';
import type { DatabaseAddress } from '../../../src/drill/database-address.ts';

/** Far more than anything here takes. */
const PATIENCE_MS = 60_000;

export interface QueueChild {
  readonly directory: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Resolves once it has said so, so often. */
  readonly said: (text: string, times?: number) => Promise<void>;
}

/** Resolves once it says `ready`. */
export async function startChild(
  program: string,
  [directory, ...others]: readonly [string, ...string[]],
  address: DatabaseAddress,
): Promise<QueueChild> {
  const child = spawn(process.execPath, ['--import=tsx', program, directory, ...others], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DRILL_QUEUE: address.url },
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const said = async (wanted: string, times = 1) => {
    const isSaid = async () => (text.split(wanted).length > times ? true : null);
    const clock = hostClock();
    const deadline_ms = clock.now() + PATIENCE_MS;
    const found = await until({ clock, deadline_ms, every_ms: 20 }, isSaid);
    if (found === null) throw new Error(`${directory} never said "${wanted}": ${text}`);
  };
  const started = { directory, child, said, ended: once(child, 'exit') };
  await said('ready');
  return started;
}
