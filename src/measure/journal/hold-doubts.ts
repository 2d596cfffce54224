// Somebody held the run while clients were without service: how long that took is no property of
// the system. Before the fault nothing was measured yet.
import type { Doubt } from '../../drill/measurement.ts';
import { doubt } from '../measured.ts';
import type { Timeline } from '../timeline.ts';
import { formatDuration, plainDetail } from '../words.ts';

export function holdDoubts(run: Timeline): Doubt[] {
  const { disaster } = run;
  if (disaster === null) return [];
  const releases = run.all('run.released');
  return run
    .all('run.held')
    .filter(({ t }) => t >= disaster.started_ms)
    .map(({ t, before, by }) => {
      const release = releases.find((each) => each.t >= t);
      const how = release === undefined ? 'to its end' : `for ${formatDuration(release.ms)}`;
      const reason = `The run was held ${how} before "${before}", by ${plainDetail(by)}.`;
      return doubt(t < run.failback_ms ? 'recovery' : 'failback', reason);
    });
}
