// The app program: one instance of the orders service, a process of its own. Its edge only; see
// orders-service.ts. It answers for the run that its environment names.
import { hostClock } from '../host/clock.ts';
import { RUN_MARK } from '../host/process/processes.ts';
import { dropRoot } from '../host/program/drop-root.ts';
import { serveProgram } from '../host/program/program-edge.ts';
import { startOrdersService } from './orders-service.ts';
import type { AppSettings } from './protocol.ts';

process.on('SIGTERM', () => process.exit(0));

serveProgram((edge) => ({
  start: async (settings: AppSettings) => {
    const run = process.env[RUN_MARK] ?? null;
    const clock = hostClock(settings.origin_ms);
    const address = await startOrdersService(settings, run, clock, () => edge.stalls());
    dropRoot();
    return address;
  },
}));
