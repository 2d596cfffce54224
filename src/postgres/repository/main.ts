// The repository program: a process of its own in the region that outlives the other. Its edge
// only; see repository.ts.
import { hostClock } from '../../host/clock.ts';
import { dropRoot } from '../../host/program/drop-root.ts';
import { serveProgram } from '../../host/program/program-edge.ts';
import type { RepositorySettings } from './protocol.ts';
import { BackupRepository } from './repository.ts';

process.on('SIGTERM', () => process.exit(0));

serveProgram((edge) => {
  let running: BackupRepository | null = null;
  const repository = (): BackupRepository => {
    if (running === null) throw new Error('the request "start" must come first');
    return running;
  };
  return {
    start: async (settings: RepositorySettings) => {
      if (running !== null) throw new Error('the storage is running already');
      const clock = hostClock(settings.origin_ms);
      running = new BackupRepository(settings, clock, (name, body) => edge.emit(name, body));
      const reply = await running.start();
      dropRoot(settings.owner); // whose files it keeps
      return reply;
    },
    backup: () => repository().backup(),
    state: () => repository().state(),
    hold: () => repository().hold(),
    log: ({ backup }: { readonly backup: string }) => repository().logAfter(backup),
  };
});
