// What was made before the shared history was named here, or while it was off: it goes there too,
// as far as the files that prove it are still here.
import { PATIENT, SharedHistoryError, withHistory } from '../../archive/shared/connect.ts';
import { sentOf } from '../../archive/shared/read.ts';
import type { DatabaseAddress } from '../../drill/database-address.ts';
import { isSeriesRunning, listSeries } from '../series-files.ts';
import { judgedOf, readTrials } from '../series-results.ts';
import { historyOf } from './past-runs.ts';
import { outboxOf, runUpload, seriesUpload } from './share.ts';

export interface Backlog {
  /** Runs of which a line is left: their folders were removed before they were sent. */
  readonly gone: number;
  /** Runs whose result is not as it was written. */
  readonly changed: number;
  /** Why the database could not be asked what it has, a sentence; null: it has told. */
  readonly problem: string | null;
}

/** Puts what nobody has sent into the outbox. */
export async function gatherBacklog(runs: string, address: DatabaseAddress): Promise<Backlog> {
  const own = historyOf(runs).runs;
  const series = listSeries(runs).filter(({ id }) => !isSeriesRunning(runs, id));
  try {
    const sent = await withHistory(address, PATIENT, async (client) => ({
      runs: await sentOf(
        client,
        'runs',
        own.map(({ id }) => id),
      ),
      series: await sentOf(
        client,
        'series',
        series.map(({ id }) => id),
      ),
    }));
    const outbox = outboxOf(runs);
    const unsent = own.filter(({ id }) => !sent.runs.has(id));
    const whole = unsent.filter(({ standing, verified }) => standing === 'there' && verified);
    const waiting = outbox.waitingRuns();
    for (const run of whole.filter(({ id }) => !waiting.has(id))) {
      const upload = runUpload(runs, run.id, run.series);
      if (upload !== null) outbox.add(upload);
    }
    for (const file of series.filter(({ id }) => !sent.series.has(id))) {
      const results = judgedOf(readTrials(file));
      if (results.length > 0) outbox.add(seriesUpload(file.id, results));
    }
    const gone = unsent.filter(({ standing }) => standing === 'gone').length;
    return { gone, changed: unsent.length - whole.length - gone, problem: null };
  } catch (error) {
    if (!(error instanceof SharedHistoryError)) throw error;
    return { gone: 0, changed: 0, problem: error.message };
  }
}
