// What the disk says: how much a directory takes.
import { runToEnd } from './process/run-to-end.ts';

const USAGE_AT_MOST_MS = 5_000;
const BLOCK_BYTES = 1024;
/** Null where it cannot be said. What a server removes meanwhile does not matter. */
export async function diskBytes(directory: string): Promise<number | null> {
  const { stdout } = await runToEnd('du', ['-sk', directory], { atMost_ms: USAGE_AT_MOST_MS });
  const blocks = /^(\d+)\s/.exec(stdout)?.[1];
  return blocks === undefined ? null : Number(blocks) * BLOCK_BYTES;
}
