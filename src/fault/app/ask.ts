// Requests to an app instance at its own port, for the proofs. The path is none of the service's,
// so that they take nothing of its capacity and write nothing; it answers them 404, or as a fault
// has it.
import { hostNow } from '../../host/clock.ts';
import { askHead } from '../../host/http.ts';
import type { Address } from '../../host/ports.ts';
import { tryMany } from '../tries.ts';

const PATH = '/asked-by-a-proof';

export interface Asked {
  /** Null: no answer came. */
  readonly status: number | null;
  readonly ms: number;
}

/** So many, some at once; no more of them once the time is over. `at` null: nobody is there. */
export async function askApp(
  at: Address | null,
  times: number,
  each_ms: number,
  within_ms = Infinity,
): Promise<readonly Asked[]> {
  return await tryMany(times, within_ms, async () => {
    if (at === null) return { status: null, ms: 0 };
    const from_ms = hostNow();
    const reply = await askHead(at, PATH, each_ms);
    const status = reply instanceof Error ? null : (reply.statusCode ?? null);
    return { status, ms: hostNow() - from_ms };
  });
}
