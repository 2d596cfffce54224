// Somebody else ends a fault soon after it was proved, for whole drills: resets the proxy server, or
// lets go on what was stopped.
import type { Parts } from '../../../src/engine/frame/context.ts';
import { type Lab, labOf } from '../../../src/topology/system/system.ts';

const SOON_MS = 200;

/** The fault of that kind is drill's own; `end` happens 0.2 s after its proof. */
export function endedAfterProof(
  { faults }: Parts,
  kind: string,
  end: (system: Lab) => Promise<unknown>,
): Pick<Parts, 'faults'> {
  return {
    faults: faults.map((own) => {
      if (own.kind !== kind) return own;
      const prove: typeof own.prove = async (context) => {
        const checks = await own.prove(context);
        setTimeout(() => void end(labOf(context.system)), SOON_MS);
        return checks;
      };
      return { ...own, prove };
    }),
  };
}

/** Every toxic goes, and every proxy is open again. */
export async function resetProxies(system: Lab): Promise<void> {
  const { url } = system.link('east-west').disturb([]).entry;
  await fetch(`${url}/reset`, { method: 'POST' });
}

/** Every process of east goes on. */
export async function letGoOn(system: Lab): Promise<void> {
  for (const node of system.region('east').nodes()) {
    for (const pid of node.pids()) process.kill(pid, 'SIGCONT');
  }
  await Promise.resolve();
}
