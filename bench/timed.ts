// How long the built command takes to do something that must succeed.
import { hostNow } from '../src/host/clock.ts';
import type { Workplace } from '../test/support/whole/drill-cli.ts';

/** Milliseconds; rejects with what it printed when it does not end with 0. */
export async function timed(place: Workplace, args: readonly string[]): Promise<number> {
  const began = hostNow();
  const { code, stdout, stderr } = await place.run(args);
  if (code === 0) return hostNow() - began;
  throw new Error(`drill ${args[0]} ended with exit code ${code}:\n${stdout}${stderr}`);
}
