// What may be ordered from the dashboard, by whom, and that nothing is ordered that nobody would
// take up.
import { expect } from 'chai';
import { join } from 'node:path';
import { dayOrders, lockDay } from '../../src/gameday/day/day-files.ts';
import { ordersFolder, takeOrder } from '../../src/session/operator/orders.ts';
import { HOST, RunsInTest, TOKEN } from '../support/dashboard.ts';

const ID = '20261128T120000Z-region-outage-00aa';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const OWN = { ...FORM, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };
const BEARER = { ...FORM, authorization: `Bearer ${TOKEN}` };

describe('orders from the dashboard', () => {
  let place: RunsInTest;
  let folder: string;
  beforeEach(() => {
    place = new RunsInTest();
    folder = ordersFolder(join(place.runs, ID));
  });
  afterEach(() => place.remove());
  const post = (headers: Record<string, string>, body: string) => ({
    method: 'POST',
    headers,
    body,
  });
  const signIn = async ({ ask }: ReturnType<RunsInTest['app']>) => {
    const { headers } = await ask('/key', post(OWN, `token=${TOKEN}`));
    return { ...OWN, cookie: headers.get('set-cookie')!.split(';')[0]! };
  };

  it('halt a run, for whoever has signed in or has the token', async () => {
    place.begin('warm-standby', ID);
    const app = place.app();
    const cookie = await signIn(app);
    for (const headers of [cookie, BEARER]) {
      const { status } = await app.ask(`/runs/${ID}/order`, post(headers, 'order=halt'));
      expect(status).to.equal(303);
      const taken = takeOrder(folder, ['halt']);
      expect(taken?.order).to.equal('halt');
      expect(taken?.by).to.include('by the dashboard');
    }
    const page = await app.ask(`/runs/${ID}`, { headers: cookie });
    expect(page.text).to.include('Halt: heal and clean up').and.to.not.include('Declare');
    expect((await app.ask(`/runs/${ID}`)).text).to.not.include('Halt');
  });

  it('are refused without the token, and from other pages with it', async () => {
    place.begin('warm-standby', ID);
    const app = place.app();
    const signed = await signIn(app);
    const { origin: _, 'sec-fetch-site': __, ...silent } = signed;
    const refused: [Record<string, string>, number][] = [
      [OWN, 401],
      [{ ...FORM, authorization: 'Bearer wrong' }, 401],
      [{ ...OWN, cookie: signed.cookie.replace(/.$/, 'x') }, 401],
      [silent, 401],
      [{ ...signed, origin: 'http://evil.example' }, 403],
      [{ ...signed, origin: 'null' }, 403],
      [{ ...signed, 'sec-fetch-site': 'cross-site' }, 403],
      [{ ...signed, host: 'evil.example', origin: 'http://evil.example' }, 403],
    ];
    for (const [headers, due] of refused) {
      const { status } = await app.ask(`/runs/${ID}/order`, post(headers, 'order=halt'));
      expect(status, JSON.stringify(headers)).to.equal(due);
    }
    expect((await app.ask(`/runs/${ID}/order`, { headers: signed })).status).to.equal(404);
    const closed = place.app({ token: null });
    expect((await closed.ask(`/runs/${ID}/order`, post(OWN, 'order=halt'))).status).to.equal(404);
    expect(takeOrder(folder, ['halt'])).to.equal(null);
  });

  it('declare a disaster where the run waits for that, and only then', async () => {
    const { lines } = place.begin('warm-standby', ID);
    place.append(ID, lines.slice(0, 1));
    const { ask } = place.app();
    const declare = async (about = 'Lost? <b>') => {
      const body = new URLSearchParams({ order: 'declare', about }).toString();
      return await ask(`/runs/${ID}/order`, post(BEARER, body));
    };
    expect((await declare()).status).to.equal(409);
    const asked = { t: 1, event: 'operator.asked', question: 'Lost? <b>', order: 'declare' };
    place.append(ID, [JSON.stringify(asked)]);
    const { text } = await ask(`/runs/${ID}`, { headers: BEARER });
    expect(text).to.include('Declare the disaster').and.to.include('Lost? &lt;b&gt;');
    expect((await declare('Lost?')).status, 'another question').to.equal(409);
    expect((await declare()).status).to.equal(303);
    expect(takeOrder(folder, ['declare'])?.order).to.equal('declare');
    place.append(ID, ['{"t":2,"event":"disaster.declared","by":"ada"}']);
    expect((await declare()).status).to.equal(409);
    const other = await ask(`/runs/${ID}/order`, post(BEARER, 'order=rm'));
    expect(other.status).to.equal(404);
  });

  it('confirm a step while it waits for that, and not once it was confirmed', async () => {
    const { lines } = place.begin('warm-standby', ID);
    place.append(ID, lines.slice(0, 1));
    const { ask } = place.app();
    const body = new URLSearchParams({ order: 'confirm', about: 'Called?' }).toString();
    const confirm = async () => (await ask(`/runs/${ID}/order`, post(BEARER, body))).status;
    const shown = async () => (await ask(`/runs/${ID}`, { headers: BEARER })).text;
    const asked = { t: 1, event: 'operator.asked', question: 'Called?', order: 'confirm' };
    place.append(ID, [JSON.stringify(asked)]);
    expect(await shown())
      .to.include('value="confirm"')
      .and.include('data-asked="Called?"');
    expect(await confirm()).to.equal(303);
    expect(takeOrder(folder, ['confirm'])?.about).to.equal('Called?');
    const done = { t: 2, event: 'step.confirmed', step: 'Called', by: 'ada', seen: false };
    place.append(ID, [JSON.stringify(done)]);
    expect(await confirm()).to.equal(409);
    const after = await shown();
    expect(after).to.not.include('value="confirm"');
    expect(after).to.include('data-asked=""');
  });

  it('are not given to a run that is over, or that is none', async () => {
    const over = place.unpack('warm-standby');
    const { ask } = place.app();
    const halt = async (id: string) => {
      return (await ask(`/runs/${id}/order`, post(BEARER, 'order=halt'))).status;
    };
    expect(await halt(over)).to.equal(409);
    expect(await halt('..%2f..')).to.equal(404);
    expect(await halt('20261128T120000Z-gone-00aa')).to.equal(404);
    expect(takeOrder(ordersFolder(join(place.runs, over)), ['halt'])).to.equal(null);
  });

  it('agree to a game day that waits for somebody, and to no other one', async () => {
    const { id } = await place.claim();
    const { ask } = place.app();
    const approve = async (day: string) => {
      return (await ask(`/gamedays/${day}/approve`, post(BEARER, ''))).status;
    };
    expect(await approve(id), 'nobody is at it').to.equal(409);
    const lock = lockDay(place.runs, id);
    try {
      const { text } = await ask(`/gamedays/${id}`, { headers: BEARER });
      expect(text).to.include('Agree to it').and.to.include('waits for somebody to agree');
      expect((await ask(`/gamedays/${id}`)).text).to.not.include('Agree to it');
      expect(await approve(id)).to.equal(303);
      expect(takeOrder(dayOrders(place.runs, id), ['approve'])?.by).to.include('the dashboard');
    } finally {
      if ('release' in lock) lock.release();
    }
    for (const trick of ['..%2fx', 'gone', `..%2fgamedays%2f${id}`]) {
      expect(await approve(trick), trick).to.equal(404);
      expect((await ask(`/gamedays/${trick}`)).status, trick).to.equal(404);
    }
  });
});
