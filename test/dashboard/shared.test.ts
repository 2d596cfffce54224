// The dashboard with a shared history: runs of other machines are shown as told, by machine, and make
// nothing green; a database that is gone is said, and the page is there all the same.
import { expect } from 'chai';
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { RunUpload } from '../../src/evidence/history-form.ts';
import { databaseAddress } from '../../src/drill/database-address.ts';
import { SharedView } from '../../src/session/history/shared-history.ts';
import { RunsInTest } from '../support/dashboard.ts';
import { runUpload, sendFrom } from '../support/evidence/upload.ts';
import { HistoryDatabase } from '../support/postgres/history-database.ts';

const [HERE, THERE] = ['20261122T200000Z-one-00aa', '20261122T200001Z-one-00bb'];

describe('a shared history on the dashboard', function () {
  this.timeout(60_000);
  let database: HistoryDatabase;
  let place: RunsInTest;
  before(async () => (database = await HistoryDatabase.start()));
  after(async () => await database.stop());
  beforeEach(async () => {
    await database.empty();
    place = new RunsInTest();
  });
  afterEach(() => place.remove());

  async function elsewhere(id: string, change: Partial<RunUpload> = {}): Promise<void> {
    place.seal(id);
    utimesSync(join(place.runs, id), 0, 0);
    await sendFrom(place.directory, database.address, [runUpload(place.runs, id, change)]);
    rmSync(join(place.runs, id), { recursive: true });
  }

  async function dashboard() {
    const shared = new SharedView(database.address);
    await shared.ask();
    return { shared, ...place.app({ shared }) };
  }

  it('has runs of another machine as told, with a page of their own, and nothing green', async () => {
    await elsewhere(THERE);
    const { ask, told } = await dashboard();
    const first = (await ask('/')).text;
    expect(first)
      .to.include('on build-7</a>')
      .and.include('as ada told it there; not verified here');
    expect(first).to.include('>unverified</span>');
    expect(first).not.to.match(/class="(?:row )?(good|pass)/);
    expect((await ask('/runs')).text).to.include('pass, as told on build-7');
    const { status, text } = await ask(`/runs/${THERE}`);
    expect(status).to.equal(200);
    expect(text).to.include('as ada told it there; not verified here').and.include('<td>rto</td>');
    expect(text).not.to.match(/good|pass-word/);
    expect((await ask(`/runs/${HERE}`)).status).to.equal(404);
    expect((await ask('/metrics')).text).not.to.match(/^drill_(last|verdict|lost)\w*\{/m);
    expect(told).to.deep.equal([]);
  });

  it('leaves what is proved here as it is', async () => {
    place.seal(HERE);
    await elsewhere(THERE);
    const { ask } = await dashboard();
    const first = (await ask('/')).text;
    expect(first).to.include('>passed</span>').and.include('>unverified</span>');
    const compared = (await ask(`/compare?before=${HERE}&now=${THERE}`)).text;
    expect(compared.match(/not verified here/g)).to.have.length(1);
    expect((await ask('/metrics')).text).to.match(/^drill_verdict\{[^}]*verdict="pass"\} 1/m);
  });

  it('says that the database is gone, shows what it had told, and takes up what is new', async () => {
    await elsewhere(THERE);
    const { ask, shared } = await dashboard();
    await database.leave();
    try {
      await shared.ask();
      const { text } = await ask('/');
      expect(text).to.include('this is what it had told before').and.include('on build-7</a>');
      expect(text).not.to.include(decodeURIComponent(new URL(database.url).password));
    } finally {
      await database.comeBack();
    }
    await elsewhere('20261122T200003Z-one-00cc', { machine: 'build-9' });
    await shared.ask();
    const { text } = await ask('/');
    expect(text).to.include('on build-9</a>').and.not.include('had told before');
  });

  it('listens where the database never answers, and says so', async () => {
    const address = databaseAddress('postgres://ada:pw-x@127.0.0.1:1/drill');
    const served = await place.serve(null, [], address);
    try {
      const page = await (await fetch(served.url)).text();
      expect(page).to.include('ECONNREFUSED').and.include('this is only the files here');
      expect(page).not.to.include('pw-x');
    } finally {
      await served.close();
    }
  });

  it('shows no markup that somebody else has written', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    await elsewhere(THERE, { machine: evil, who: evil });
    await database.query(
      `update drill.runs set entry = replace(entry::text, '"rto"', '"${evil}"')::jsonb`,
    );
    await database.query('update drill.runs set entry = jsonb_set(entry, $1, to_jsonb($2::text))', [
      ['drill', 'name'],
      evil,
    ]);
    const { ask } = await dashboard();
    for (const path of ['/', '/runs', `/runs/${THERE}`, `/compare?before=${THERE}&now=${THERE}`]) {
      const { text } = await ask(path);
      expect(text, path).to.include('&lt;img src=x').and.not.include('<img');
    }
  });
});
