// The System V segment of a server that was killed, by what its `postmaster.pid` says of it.
import { segmentFacts } from '../../host/machine/shared-memory.ts';
import { runToEnd } from '../../host/process/run-to-end.ts';
import { ownerOf, type Identity } from './identity.ts';

const REMOVE_AT_MOST_MS = 5_000;

/** A segment, and the process that made it. */
export interface Segment {
  readonly id: number;
  readonly maker: number;
}

/** Line 1: the server's pid, negative where it works alone; line 7: key and id of the segment. */
export function segmentIn(pidFile: Buffer): Segment | null {
  const lines = pidFile.toString('latin1').split('\n');
  const id = lines[6]?.trim().split(/\s+/)[1];
  if (id === undefined || !/^\d+$/.test(id)) return null;
  return { id: Number(id), maker: Math.abs(Number(lines[0])) };
}

/**
 * Removes it by its number, where the kernel says that this server made it, as this user, and that
 * nobody is attached to it. False where it may be there still.
 */
export async function removeSegment({ id, maker }: Segment, identity: Identity): Promise<boolean> {
  const facts = segmentFacts(id);
  if (facts?.attached !== 0 || facts.maker !== maker || facts.uid !== identity.uid) return false;
  const options = { owner: ownerOf(identity), atMost_ms: REMOVE_AT_MOST_MS };
  const { problem } = await runToEnd('ipcrm', ['-m', String(id)], options);
  return problem === null;
}
