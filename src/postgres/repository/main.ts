// The storage program: a process of its own in the region that outlives the other. Its edge only;
// see storage.ts.
import { hostClock } from '../../host/clock.ts';
import { serveProgram } from '../../host/program/program-edge.ts';
import type { LogRequest, StorageSettings } from './protocol.ts';
import { Storage } from './repository.ts';

process.on('SIGTERM', () => process.exit(0));

serveProgram((edge) => {
  let running: Storage | null = null;
  const storage = (): Storage => {
    if (running === null) throw new Error('the request "start" must come first');
    return running;
  };
  return {
    start: (settings: StorageSettings) => {
      if (running !== null) throw new Error('the storage is running already');
      const clock = hostClock(settings.origin_ms);
      running = new Storage(settings, clock, (name, body) => edge.emit(name, body));
      return running.start();
    },
    backup: () => storage().backup(),
    state: () => storage().state(),
    hold: () => storage().hold(),
    log: (request: LogRequest) => storage().logAfter(request.backup),
  };
});
