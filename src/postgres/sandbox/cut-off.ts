// The sandbox's server is cut off from every network: what is in a backup may be code, such as a
// view that is filled over dblink, and it must reach nobody's server.
import { runToEnd } from '../../host/process/run-to-end.ts';
import type { Identity } from '../server/identity.ts';

const TRIED_AT_MOST_MS = 5_000;

/**
 * Words before a program that run it as whoever owns the data, in a network of its own with nothing
 * in it; null where this machine does not let drill make one.
 */
export async function cutOff(identity: Identity): Promise<readonly string[] | null> {
  const words = identity.isOther ? asOther(identity) : asItself();
  const [program = '', ...args] = words;
  const { problem } = await runToEnd(program, [...args, 'true'], { atMost_ms: TRIED_AT_MOST_MS });
  return problem === null ? words : null;
}

function asOther({ uid, gid }: Identity): string[] {
  const owner = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
  return ['unshare', '--net', '--', ...owner];
}

/** Whoever connects to it is known by the same name inside. */
function asItself(): string[] {
  return ['unshare', '--user', '--map-current-user', '--net', '--'];
}
