// The workload program: a process of its own, so that nothing else delays its schedule. Its edge
// only; see workload.ts.
import { favourThisProcess } from '../host/process/priority.ts';
import { dropRoot } from '../host/program/drop-root.ts';
import { serveProgram } from '../host/program/program-edge.ts';
import { openWorkload } from './open-workload.ts';
import type { WorkloadNoted, WorkloadSettings } from './protocol.ts';
import type { Workload } from './workload.ts';

favourThisProcess();
serveProgram((edge) => {
  let isStarted = false;
  let opened: Workload | null = null;
  const workload = (): Workload => {
    if (opened === null) throw new Error('the request "start" must come first');
    return opened;
  };
  return {
    start: async (settings: WorkloadSettings) => {
      if (isStarted) throw new Error('the workload was started already');
      isStarted = true;
      opened = await openWorkload(
        settings,
        (sample) => edge.emit('sampled', sample),
        (text) => edge.emit('noted', { text } satisfies WorkloadNoted),
      );
      // The ledger is open. Programs of a team's own run as whoever runs drill does.
      if (settings.own?.by !== 'command') dropRoot();
      return {};
    },
    seed: () => workload().seed(),
    run: (how: { readonly ramp_ms?: number }) => workload().run(how),
    stop: () => workload().stop(),
    drain: () => workload().drain(),
    marker: () => workload().marker(),
    close: () => {
      workload().close();
      return {};
    },
  };
});
