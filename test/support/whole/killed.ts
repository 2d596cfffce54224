// Runners that are killed in the middle of a drill on a system that is up.
import { SHORT_DRILL, type Workplace } from './drill-cli.ts';

const ATTEMPTS = 3;

/**
 * A drill with little load, patient health checks and a late declaration: what is tested is not how
 * fast it is, and no fence may end what the fault left before the runner is killed.
 */
export function calmDrill(faults: string): string {
  return SHORT_DRILL.replace(/(?<=faults:\n {2}- ).*/, () => faults)
    .replace('every: 100ms, timeout: 200ms', 'every: 500ms, timeout: 2s')
    .replace('rate: 100/s, writers: 8', 'rate: 20/s, writers: 4')
    .replace('timeout: 500ms', 'timeout: 5s')
    .concat('declare: after 10s\n');
}

/**
 * Starts the drill file on the system that is up, and kills its runner once it says the event; once
 * more where a busy machine kept it from getting there.
 */
export async function killAt(
  place: Workplace,
  event: string,
  file: string,
  env: Record<string, string> = {},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const running = place.start(['run', file, '--against', 'latest', '--reporter', 'plain'], env);
    try {
      await running.event(event, (each) => each.event === event);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      continue;
    }
    running.child.kill('SIGKILL');
    await running.ended;
    return;
  }
}
