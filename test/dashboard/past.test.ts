// What the dashboard says of the past and of what comes: two runs compared, the strategies beside
// each other, game days and their records.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockDay, writeDay } from '../../src/gameday/day/day-files.ts';
import { endOf } from '../../src/gameday/day/run-day.ts';
import { RunsInTest } from '../support/dashboard.ts';

const [FIRST, SECOND] = ['20261122T200000Z-one-00aa', '20261122T200001Z-one-00bb'];

describe('the past on the dashboard', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('has two runs beside each other: numbers, and what was changed', async () => {
    place.seal(FIRST);
    place.seal(SECOND, 4);
    const { ask } = place.app();
    const { text } = await ask(`/compare?before=${FIRST}&now=${SECOND}`);
    expect(text).to.include(`/runs/${FIRST}`).and.to.include(`/runs/${SECOND}`);
    expect(text).to.match(/lost writes<\/td><td>0<\/td><td>4<\/td><td>more/);
    expect(text).to.include('Nothing: same file, settings, versions and machine.');
    const list = (await ask('/runs')).text;
    expect(list).to.include(`name="before" value="${FIRST}"`).and.to.include('action="/compare"');
  });

  it('says where there is no such run, and has nothing at tricks', async () => {
    place.seal(FIRST);
    const { ask } = place.app();
    const gone = await ask(`/compare?before=${FIRST}&now=20261122T200002Z-one-00cc`);
    expect(gone.status).to.equal(200);
    expect(gone.text).to.include('there is no run &quot;20261122T200002Z-one-00cc&quot;');
    expect(gone.text, 'and what to do').to.include('Try: drill history');
    expect((await ask('/compare')).text).to.include('Choose two runs');
    expect((await ask(`/compare?before=/etc&now=${FIRST}`)).status).to.equal(404);
  });

  it('has the newest run of each strategy in one table, of those with numbers', async () => {
    const { ask } = place.app();
    expect((await ask('/strategies')).text).to.include('No run with a recovery time');
    place.seal(FIRST, 2);
    place.seal(SECOND);
    place.unpack('pilot-light'); // of an earlier version: it is not as it was written
    const { text } = await ask('/strategies');
    expect(text).to.include('Recovery strategies, measured').and.to.include('warm-standby');
    expect(text).to.include(SECOND).and.to.not.include(FIRST).and.to.not.include('pilot-light');
    expect(text).to.include('<svg').and.to.not.include('style="');
  });

  it('has the next game days of files that it is given, in the time of their zone', async () => {
    await place.claim();
    writeFileSync(join(place.directory, 'bad.yaml'), 'gameday: 1\n');
    const { ask } = place.app({ gamedays: ['weekly.yaml', 'bad.yaml'] });
    for (const path of ['/', '/gamedays']) {
      const { text } = await ask(path);
      expect(text, path).to.match(/weekly<\/td><td[^>]*>Tue \d{4}-\d\d-\d\d 10:00 Europe\/Berlin/);
    }
    expect((await ask('/gamedays')).text).to.include('bad.yaml has errors');
    const own = place.app();
    expect((await own.ask('/gamedays')).text, 'the file of the record').to.include('10:00 Europe');
    const none = new RunsInTest();
    expect((await none.app().ask('/')).text).to.include('None is due.');
    none.remove();
  });

  it('has the record of a game day, as it stands at each moment', async () => {
    const record = await place.claim('<b>all</b> of us');
    const { ask } = place.app();
    const page = async () => (await ask(`/gamedays/${record.id}`)).text;
    expect(await page())
      .to.include('broken off')
      .and.to.include('&lt;b&gt;all&lt;/b&gt; of us');
    expect(await page())
      .to.include('one, rto: OPS-412')
      .and.to.include('ada');
    const lock = lockDay(place.runs, record.id);
    expect((await ask('/gamedays')).text).to.include('waits for somebody to agree');
    writeDay({ ...record, began_at: '2026-12-01T09:00:00.000Z' });
    expect(await page()).to.include('under way');
    const stop = { why: 'missed', text: 'no service ran' } as const;
    writeDay({ ...record, ...endOf({ ...record, stop }, null, '2026-12-01T09:10:00.000Z') });
    if ('release' in lock) lock.release();
    expect(await page())
      .to.include('It was missed: no service ran')
      .and.to.include('not run');
    expect(await page()).to.not.include('good-word');
  });
});
