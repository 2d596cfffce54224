// Whether a program in a container has this machine's monotonic clock: every time in a journal is
// on it, and on one host all containers share it. In a virtual machine they have another one.
import { hostNow } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import type { ProgramChannel } from '../../host/program/program-client.ts';

const ATTEMPTS = 3;
/** Of the readings themselves; two clocks of two machines are seconds apart, mostly days. */
const SLACK_MS = 1;

/** Its reading must lie between one before the question and one after the answer. */
export async function assertSharedClock(program: ProgramChannel): Promise<void> {
  let off_ms = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = hostNow();
    const { now_ms } = (await program.request('clock', {})) as { now_ms: number };
    const after = hostNow();
    if (now_ms >= before - SLACK_MS && now_ms <= after + SLACK_MS) return;
    off_ms = now_ms - (before + after) / 2;
  }
  throw new EnvironmentError({
    what: 'the clock of the containers',
    expected: 'the monotonic clock of this machine, which containers of one host share',
    found: `one that is ${Math.round(off_ms)} ms off`,
    hint:
      'the docker engine runs in a virtual machine (Docker Desktop, colima): run drill in it, or ' +
      'use --runtime embedded',
  });
}
