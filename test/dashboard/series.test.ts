// The page of a series: what its trials say together, each with the way to its run, and the ways to
// the page from wherever a series is named.
import { expect } from 'chai';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDay } from '../../src/gameday/day/day-files.ts';
import { seriesLock } from '../../src/session/series-files.ts';
import { takeLock } from '../../src/host/lock.ts';
import { RunsInTest } from '../support/dashboard.ts';

const ID = '20261122T195959Z-region-outage-series-00cc';

describe('a series on the dashboard', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('has the verdict over all trials, their spread, and each run', async () => {
    const runs = place.plantSeries(ID);
    const { ask } = place.app();
    const { status, text } = await ask(`/series/${ID}`);
    expect(status).to.equal(200);
    expect(text).to.include('<p class="badge pass">').and.to.include('2 of 2 met');
    expect(text.match(/<circle class="dot/g)).to.have.length(2);
    expect(text).to.include('What it proves').and.to.include('2 of 2 trials made');
    for (const run of runs) expect(text).to.include(`<a href="/runs/${run}">${run}</a>`);
  });

  it('says of each trial how far it is, and believes nothing that is not as it was written', async () => {
    const [first, second] = place.plantSeries(ID, 2);
    place.write(second!, 'result.json', '{}');
    const { ask } = place.app();
    const open = (await ask(`/series/${ID}`)).text;
    expect(open).to.include(`2 of 4 trials made; go on with: drill run --resume ${ID}`);
    expect(open.match(/<td>due<\/td>/g)).to.have.length(2);
    expect(open).to.include('gone, or not as written').and.to.not.include('badge pass');
    rmSync(join(place.runs, first!), { recursive: true });
    mkdirSync(seriesLock(place.runs, ID), { recursive: true });
    const lock = takeLock(seriesLock(place.runs, ID), 'a test');
    const running = (await ask(`/series/${ID}`)).text;
    expect(running).to.include('2 of 4 trials made, it goes on').and.to.include(`${first}, gone`);
    if ('release' in lock) lock.release();
  });

  it('is found from the drill, from its runs and from the game day that held it', async () => {
    const [run] = place.plantSeries(ID);
    const record = await place.claim();
    const drills = record.drills.map((drill) => ({ ...drill, series: ID }));
    writeDay({ ...record, drills });
    const { ask } = place.app();
    for (const path of ['/', '/runs', `/runs/${run}`, `/gamedays/${record.id}`]) {
      expect((await ask(path)).text, path).to.include(`<a href="/series/${ID}">`);
    }
    const alone = place.unpack('warm-standby');
    expect((await ask(`/runs/${alone}`)).text).to.not.include('/series/');
  });

  it('is none at other addresses', async () => {
    place.plantSeries(ID);
    const { ask } = place.app();
    for (const id of [`${ID}x`, `..%2Fruns`, `%2e%2e%2fseries%2f${ID}`, `${ID}.lock`, '%00']) {
      expect((await ask(`/series/${id}`)).status, id).to.equal(404);
    }
  });
});
