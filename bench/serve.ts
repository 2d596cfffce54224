// What the dashboard costs: its first page with ten thousand runs, two hundred watchers of one run,
// and what a drill has of them.
import { get } from 'node:http';
import { join } from 'node:path';
import { hostClock, hostNow } from '../src/host/clock.ts';
import { usageOf } from '../src/host/process/processes.ts';
import { RunsInTest } from '../test/support/dashboard.ts';
import { SHORT_DRILL, Workplace, type RunningDrill } from '../test/support/whole/drill-cli.ts';
import type { BenchLine } from './bench-line.ts';
import { median } from './median.ts';
import { plantRuns } from './plant-runs.ts';

const RUNS = 10_000;
const ROUNDS = 15;
const PAGE_MS_MAX = 100;
const WATCHERS = 200;
const WATCHED_MS = 20_000;
const CORE_SHARE_MAX = 5;
const DRILLS = 3;
/** Two runs of one drill differ by more than watchers can. */
const SLOWER_MAX = 1.5;
const SLACK_MS = 3;
const RUN = '20261128T120000Z-region-outage-00aa';

type Report = (line: BenchLine) => void;

/** Takes some three minutes. */
export async function benchServe(report: Report): Promise<void> {
  await benchFirstPage(report);
  await benchWatchers(report);
  await benchDrill(report);
}

async function benchFirstPage(report: Report): Promise<void> {
  const place = new Workplace();
  try {
    plantRuns(join(place.directory, '.drill', 'runs'), RUNS);
    const { url } = await served(place);
    await pageOf(`${url}assets/style.css`); // what asks has to get going too
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await pageOf(url));
    const name = `first page with ${RUNS.toLocaleString('en-US')} runs`;
    const [first = 0] = rounds;
    const limit = { relation: '<=', value: PAGE_MS_MAX } as const;
    const told = (what: string, measured: number) => {
      report({
        name: `${name}, ${what}`,
        measured,
        unit: 'ms',
        limit,
        ok: measured <= PAGE_MS_MAX,
      });
    };
    told('the first time', first);
    told('after that', median(rounds.slice(1)));
  } finally {
    place.remove();
  }
}

/** Milliseconds until all of it has come. */
async function pageOf(url: string): Promise<number> {
  const began = hostNow();
  const response = await fetch(url);
  await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return hostNow() - began;
}

/** One run that goes on, with as many samples as a run of two stores writes. */
async function benchWatchers(report: Report): Promise<void> {
  const runs = new RunsInTest();
  const work = new Workplace();
  const ended = new AbortController();
  const clock = hostClock();
  try {
    const { lines } = runs.begin('warm-standby', RUN);
    const at = lines.findIndex((line) => line.includes('"fault.proved"'));
    runs.append(RUN, lines.slice(0, at));
    const sample = JSON.parse(lines.find((line) => line.includes('workload.sampled'))!) as object;
    const { origin_ms } = JSON.parse(lines[0]!) as { readonly origin_ms: number };
    const writing = (async () => {
      while (!ended.signal.aborted) {
        const t = hostNow() - origin_ms;
        const own = ['postgres', 'redis'].map((store) => JSON.stringify({ ...sample, t, store }));
        runs.append(RUN, own);
        await clock.sleep(200);
      }
    })();
    const { url, running } = await served(work, ['--out', runs.runs]);
    const pid = running.child.pid!;
    const shareOf = async () => {
      const before_ms = usageOf([pid]).cpu_ms;
      await clock.sleep(WATCHED_MS);
      return (100 * (usageOf([pid]).cpu_ms - before_ms)) / WATCHED_MS;
    };
    const nobody = await shareOf();
    const watching = Array.from({ length: WATCHERS }, () => watch(`${url}runs/${RUN}/events`));
    await clock.sleep(3_000);
    const measured = await shareOf();
    ended.abort();
    await writing;
    const frames = watching.map((each) => each.end());
    const fewest = Math.min(...frames);
    const due = WATCHED_MS / 1_000;
    const name = `processor with ${WATCHERS} watchers of one run`;
    const peer = { name: 'with none', value: nobody };
    const limit = { relation: '<=', value: CORE_SHARE_MAX } as const;
    const ok = measured <= CORE_SHARE_MAX;
    report({ name, measured, unit: '% of a core', peer, limit, ok });
    const least = { relation: '>=', value: due } as const;
    const told = { name: 'parts that the slowest of them was told', unit: 'parts' };
    report({ ...told, measured: fewest, limit: least, ok: fewest >= due });
  } finally {
    ended.abort();
    work.remove();
    runs.remove();
  }
}

/** Counts the parts that come. */
function watch(url: string): { end(): number } {
  let parts = 0;
  const request = get(url, { agent: false }, (response) => {
    response.on(
      'data',
      (chunk: Buffer) => (parts += chunk.toString().split('event: part').length - 1),
    );
    response.on('error', () => {});
  });
  request.on('error', () => {});
  return {
    end: () => {
      request.destroy();
      return parts;
    },
  };
}

/** The same drill watched and not, in turn: what its clients waited for before the disaster. */
async function benchDrill(report: Report): Promise<void> {
  const place = new Workplace(SHORT_DRILL.replace('steady: { for: 1s }', 'steady: { for: 4s }'));
  try {
    const p99s: Record<'watched' | 'alone', number[]> = { watched: [], alone: [] };
    for (let round = 0; round < DRILLS; round++) {
      for (const kind of ['alone', 'watched'] as const) {
        const p99_ms = await drilled(place, kind === 'watched');
        if (p99_ms !== null) p99s[kind].push(p99_ms);
      }
    }
    const [alone, measured] = [median(p99s.alone), median(p99s.watched)];
    const value = SLOWER_MAX * alone + SLACK_MS;
    const limit = { relation: '<=', value } as const;
    const name = `p99 of a drill with ${WATCHERS} watchers, who share its machine`;
    const peer = { name: 'without', value: alone };
    report({ name, measured, unit: 'ms', peer, limit, ok: measured <= value });
  } finally {
    place.remove();
  }
}

async function drilled(place: Workplace, isWatched: boolean): Promise<number | null> {
  const dashboard = isWatched ? await served(place) : null;
  const drill = place.start(['run', 'drill.yaml', '--quiet']);
  await drill.event('clients', ({ event }) => event === 'workload.started');
  const watching =
    dashboard === null
      ? []
      : Array.from({ length: WATCHERS }, () => {
          return watch(`${dashboard.url}runs/${place.runs().at(-1)!.split('/').at(-1)}/events`);
        });
  await drill.ended;
  for (const each of watching) each.end();
  dashboard?.running.child.kill('SIGTERM');
  await dashboard?.running.ended;
  return place.result().recovery?.steady_p99_ms ?? null;
}

async function served(
  place: Workplace,
  args: readonly string[] = [],
): Promise<{ readonly url: string; readonly running: RunningDrill }> {
  const running = place.start(['serve', '--listen', '127.0.0.1:0', ...args]);
  return await new Promise((resolve, reject) => {
    let text = '';
    running.child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, url] = /dashboard: (http:\S+)\n/.exec(text) ?? [];
      if (url !== undefined) resolve({ url, running });
    });
    void running.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}
