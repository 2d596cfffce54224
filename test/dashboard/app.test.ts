// The dashboard as an application: what its pages say of runs of the corpus, and of folders that are
// not as they should be.
import { expect } from 'chai';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisRunner } from '../../src/host/process/runner.ts';
import { RunsInTest } from '../support/dashboard.ts';

describe('the pages of the dashboard', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('say that there is nothing yet, and how to begin', async () => {
    const { ask } = place.app();
    const { status, text } = await ask('/');
    expect(status).to.equal(200);
    expect(text).to.include('Nothing runs.').and.to.include('No run has ended yet');
    expect((await ask('/runs')).text).to.include('There are none here.');
  });

  it('show each drill with what stands of it, its numbers and their age', async () => {
    const pass = '20261122T200000Z-region-outage-00aa';
    const { verdict } = place.seal(pass);
    expect(verdict).to.equal('pass');
    const fail = place.unpack('target-missed');
    const { text } = await place.app().ask('/');
    const rows = text.split('<li class="row').slice(1);
    expect(rows).to.have.length(2);
    const [passed, failed] = rows;
    expect(passed).to.include(`/runs/${pass}`).and.to.include('region-outage');
    expect(passed)
      .to.match(/^ good"/)
      .and.to.include('>passed</span> ');
    expect(passed).to.include('<span class="good-word">PASS</span>, ').and.to.include('ago');
    expect(passed).to.include('<span>rto</span><strong class="good-word">');
    expect(passed).to.include('warm-standby on');
    expect(failed)
      .to.include(`/runs/${fail}`)
      .and.to.match(/^ bad"/);
    expect(failed).to.include('>never passed</span>').and.to.include('>FAIL</span>');
    expect(failed, 'of an earlier version').to.include('1 not as written');
    expect(failed, 'nothing of it is good').to.not.include('good-word');
  });

  it('hold no run for a pass whose folder is gone, or whose result is another one', async () => {
    const id = '20261122T200000Z-region-outage-00aa';
    place.seal(id);
    expect((await place.app().ask('/')).text).to.include('row good');
    appendFileSync(join(place.runs, id, 'result.json'), ' ');
    const changed = place.app();
    expect((await changed.ask('/')).text).to.not.include('row good');
    expect((await changed.ask('/runs')).text).to.include('not as written');
    rmSync(join(place.runs, id), { recursive: true });
    const { text } = await place.app().ask('/');
    expect(text).to.include('>unverified</span>').and.to.not.include('row good');
    expect((await place.app().ask('/runs')).text).to.include('as the history says');
  });

  it('notice a run that has ended since the last look', async () => {
    place.unpack('warm-standby');
    const { ask } = place.app();
    expect((await ask('/')).text).to.not.include('too-tight');
    place.unpack('target-missed');
    expect((await ask('/')).text).to.include('too-tight');
  });

  it('show the report of a run, with what it is made of for zoom', async () => {
    const id = place.unpack('warm-standby');
    const { status, text } = await place.app().ask(`/runs/${id}`);
    expect(status).to.equal(200);
    for (const words of ['PASS', 'Course of the recovery', 'Throughput and errors', 'The plan']) {
      expect(text).to.include(words);
    }
    expect(text).to.include('<script type="application/json" id="chart-data">');
    const scripts = [...text.matchAll(/<script(?! type="application\/json")[^>]*>/g)];
    expect(scripts.map(([tag]) => tag)).to.deep.equal(['<script src="/assets/zoom.js" defer>']);
    expect(text).to.not.include('<style').and.to.not.include('style="');
  });

  it('show what the evidence gives where the stored result is another one', async () => {
    const id = place.unpack('target-missed');
    const { ask } = place.app();
    expect((await ask(`/runs/${id}`)).text).to.include('badge fail');
    const file = join(place.runs, id, 'result.json');
    writeFileSync(file, '{"id":1}');
    const { text } = await ask(`/runs/${id}`);
    expect(text).to.include('damaged').and.to.not.include('badge pass');
  });

  it('list runs that did not end as runs end, with what helps', async () => {
    const stopped = '20261128T010000Z-half-00aa';
    const owner = { pid: 4_000_000, started: '1' };
    const line = { undo: 'owner', run: stopped, owner };
    place.write(stopped, 'undo.ndjson', `${JSON.stringify(line)}\n`);
    place.write('20261128T010000Z-empty-00aa', 'other.txt', 'x');
    place.write('20261128T010000Z-strange-00aa', 'result.json', '{');
    mkdirSync(join(place.runs, 'foreign'));
    appendFileSync(join(place.runs, 'history.ndjson'), '{"schema":"drill.history/1"}\n');
    const { ask } = place.app();
    const { status, text } = await ask('/');
    expect(status).to.equal(200);
    expect(text).to.include(`${stopped} was broken off: drill clean removes what it left`);
    expect(text).to.include('20261128T010000Z-strange-00aa has no result that can be read');
    expect(text).to.include('history.ndjson, line 1: it is cut off').and.to.not.include('foreign');
    for (const name of ['half', 'empty', 'strange']) {
      const page = await ask(`/runs/20261128T010000Z-${name}-00aa`);
      expect(page.status, name).to.equal(200);
      expect(page.text, name).to.include('result.json');
    }
  });

  it('have no regions that runs of a series share, but for what a killed series left', async () => {
    const [own, dead] = [
      '20261128T010000Z-one--regions-00aa',
      '20261128T010000Z-two--regions-00bb',
    ];
    const ownerLine = (owner: object) => `${JSON.stringify({ undo: 'owner', run: 'r', owner })}\n`;
    place.write(own, 'undo.ndjson', ownerLine(thisRunner()));
    place.write(dead, 'undo.ndjson', ownerLine({ pid: 2 ** 22 + 1, started: '1' }));
    const { ask } = place.app();
    const first = (await ask('/')).text;
    expect(first).to.include('Nothing runs.').and.to.not.include(own);
    expect(first).to.include(`${dead} was broken off: drill clean removes what it left`);
    const all = (await ask('/runs')).text;
    expect(all).to.not.include(own).and.to.not.include(dead);
  });

  it('say where the folder of runs is none', async () => {
    place.remove();
    mkdirSync(join(place.directory, '.drill'), { recursive: true });
    writeFileSync(place.runs, 'x');
    const { status, text } = await place.app().ask('/');
    expect([status, text]).to.deep.equal([200, text]);
    expect(text).to.include('is no folder');
  });

  it('have nothing at addresses that are tricks', async () => {
    const id = place.unpack('warm-standby');
    symlinkSync('/etc', join(place.runs, '20261128T010000Z-link-00aa'));
    const tricks = [
      '..%2fruns',
      '..%2f..%2fetc',
      '%2e%2e%2f',
      '.',
      `${id}%2f..%2f${id}`,
      `${id}%00`,
    ];
    const others = ['20261128T010000Z-link-00aa', '20261128T010000Z-gone-00aa', 'latest', id + '/'];
    const { ask } = place.app();
    for (const trick of [...tricks, ...others]) {
      expect((await ask(`/runs/${trick}`)).status, trick).to.equal(404);
    }
    expect((await ask('/runs?before=../x')).status).to.equal(404);
    expect((await ask('/assets/..%2fmain.js')).status).to.equal(404);
    expect((await ask('/assets/constructor')).status).to.equal(404);
  });

  it('show names of somebody else as text', async () => {
    const id = place.unpack('warm-standby');
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const { rememberedIn } = await import('../../src/archive/history/history-entry.ts');
    const { writeLine } = await import('../../src/archive/history/history-line.ts');
    const { entry } = rememberedIn(join(place.runs, id), null)!;
    const gone = {
      ...entry,
      id: id.replace('5982', '0bad'),
      drill: { ...entry.drill, name: evil },
    };
    appendFileSync(join(place.runs, 'history.ndjson'), writeLine(gone));
    const { ask } = place.app();
    for (const path of ['/', '/runs']) {
      const { text } = await ask(path);
      expect(text, path).to.include('&lt;img src=x').and.to.not.include('<img');
    }
  });

  it('has runs a page at a time', async () => {
    for (let at = 0; at < 60; at++) {
      place.write(`20261128T01${String(at).padStart(2, '0')}00Z-many-00aa`, 'plan.json', '{}');
    }
    const { ask } = place.app();
    const first = (await ask('/runs')).text;
    expect(first.split('<tr>')).to.have.length(52);
    const [, next] = /href="(\/runs\?before=[^"]+)"/.exec(first)!;
    const second = (await ask(next!)).text;
    expect(second.split('<tr>')).to.have.length(12);
    expect(second).to.include('010000Z-many').and.to.not.include('Older runs');
  });
});
