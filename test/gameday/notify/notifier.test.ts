// From what happens to what arrives: a real outbox and a real server, on a clock that goes on when
// it is told to.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { hostClock, outcomeOf } from '../../../src/host/clock.ts';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { Notifier } from '../../../src/gameday/notify/notifier.ts';
import { Outbox } from '../../../src/gameday/notify/outbox.ts';
import { receiversOf } from '../../../src/gameday/notify/receiver.ts';
import { Sender } from '../../../src/gameday/notify/sender.ts';
import type { GameDayRead } from '../../../src/gameday/read.ts';
import { failedDay, readOf } from '../../support/gameday.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { webhookServer, type WebhookServer } from '../../support/servers/webhook.ts';

const HOUR_MS = 3_600_000;
const ID = '20261201T090000Z-weekly-ended';

describe('the messages of game days', () => {
  let server: WebhookServer;
  let directory = '';
  let clock = new ManualClock();
  let said: string[] = [];
  let open: Notifier[] = [];
  beforeEach(async () => {
    server = await webhookServer();
    directory = mkdtempSync(join(tmpdir(), 'drill-notify-'));
    clock = new ManualClock();
    [said, open] = [[], []];
  });
  afterEach(async () => {
    for (const each of open) await end(each);
    await server.close();
    rmSync(directory, { recursive: true });
  });

  const runs = () => runsDirectory(directory);
  const folder = () => join(directory, '.drill', 'gamedays', 'outbox');
  const happening = () => howItEnded(failedDay(runs()));
  const read = (more = '') => readOf(`notify: [{ webhook: '${server.url}/secret-token' ${more}}]`);
  const states = async () => {
    const all = await new Outbox(runs()).list();
    return all.map(({ entry: { state, tries, last } }) => `${state} ${tries} ${last}`);
  };

  function notifier(...reads: GameDayRead[]): Notifier {
    const say = (text: string) => void said.push(text);
    const own = {
      runs: runs(),
      directory,
      environment: {},
      clock,
      draw: () => 0,
      reads: () => reads,
      say,
    };
    const made = new Notifier(own);
    open.push(made);
    return made;
  }

  /** As a process that is gone: nothing more is sent. */
  async function end(gone: Notifier): Promise<void> {
    const kill = new AbortController();
    kill.abort();
    await gone.end(0, kill.signal);
    open = open.filter((each) => each !== gone);
  }

  /** Lets what is under way come to its end; time stands still. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      await clock.advance(0); // whoever wants to sleep until now
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const untilCome = (count: number) => until(() => server.came.length >= count);
  const untilState = (text: string) => until(async () => (await states()).join().startsWith(text));

  it('are sent at once, and are not made a second time', async () => {
    const one = notifier(read());
    await one.tell(happening());
    await untilState('sent');
    await one.tell(happening());
    await end(one);
    const two = notifier(read());
    await two.tell(happening());
    await end(two);
    expect(server.came.map(({ headers }) => headers['x-drill-message'])).to.deep.equal([ID]);
    expect([await states(), said]).to.deep.equal([['sent 1 answered 200'], []]);
  });

  it('go to those who asked for them', async () => {
    const asked = `notify:
  - { webhook: '${server.url}/all' }
  - { webhook: '${server.url}/failed', on: [failed] }
  - { webhook: '${server.url}/stale', on: [stale, missed] }
`;
    const one = notifier(readOf(asked));
    await one.tell(happening());
    await untilCome(2);
    await end(one);
    expect(server.came.map(({ path }) => path).toSorted()).to.deep.equal(['/all', '/failed']);
  });

  it('are tried again, later each time, with the same id and body, until they arrive', async () => {
    server.answer = (reply) => void reply.writeHead(503).end();
    const one = notifier(read());
    await one.tell(happening());
    for (const [tries, wait_ms] of [2_500, 5_000, 10_000].entries()) {
      await untilState(`waiting ${tries + 1} answered 503`);
      await clock.advance(wait_ms - 1);
      expect(server.came).to.have.length(tries + 1);
      await clock.advance(1);
      await untilCome(tries + 2);
    }
    server.answer = (reply) => void reply.writeHead(204).end();
    await untilState('waiting 4');
    await clock.advance(20_000);
    await untilState('sent 5 answered 204');
    expect(new Set(server.came.map(({ body }) => body)).size).to.equal(1);
    expect(server.came.map(({ headers }) => headers['x-drill-try'])).to.deep.equal([
      ...['1', '2', '3', '4', '5'],
    ]);
    expect(said).to.have.length(1);
    expect(said[0]).to.match(
      new RegExp(`^${ID} to webhook 127.0.0.1:\\d+: answered 503; it is tried again$`),
    );
  });

  it('wait as long as their receiver asks for', async () => {
    server.answer = (reply) => void reply.writeHead(429, { 'retry-after': '600' }).end();
    const one = notifier(read());
    await one.tell(happening());
    await untilState('waiting 1');
    await clock.advance(599_999);
    expect(server.came).to.have.length(1);
    await clock.advance(1);
    await untilCome(2);
  });

  it('are given up after a day, or where they are refused, and stay to be seen', async () => {
    server.answer = (reply) => void reply.writeHead(500).end();
    const one = notifier(read());
    await one.tell(happening());
    await untilState('waiting 1');
    await end(one);
    clock.skip(30 * HOUR_MS);
    const two = notifier(read());
    await untilState('given up 2 answered 500');
    server.answer = (reply) => void reply.writeHead(404).end();
    await two.tell({ event: 'started', record: failedDay(runs()) });
    await until(async () => (await states()).includes('given up 1 answered 404'));
    await clock.advance(48 * HOUR_MS);
    expect(server.came).to.have.length(3);
    await until(() => said.filter((text) => text.includes('is given up')).length === 2);
  });

  it('that a process left unsent are sent by the next, if it knows their receiver', async () => {
    server.answer = (reply) => void reply.destroy();
    const one = notifier(read());
    await one.tell(happening());
    await untilState('waiting 1 socket hang up');
    await end(one);
    server.answer = (reply) => void reply.writeHead(200).end();
    clock.skip(HOUR_MS);
    const stranger = notifier(readOf(`notify: [{ command: [./tell.sh] }]`));
    await clock.advance(HOUR_MS);
    await end(stranger);
    expect(server.came).to.have.length(1);
    notifier(read());
    await untilState('sent 2');
    expect(server.came[1]!.headers['x-drill-message']).to.equal(ID);
  });

  it('of two processes are sent by one of them at a time', async () => {
    const held: (() => void)[] = [];
    server.answer = (reply) => void held.push(() => reply.writeHead(200).end());
    const all = [notifier(read()), notifier(read())];
    await Promise.all(all.map(async (each) => await each.tell(happening())));
    await untilCome(1);
    await clock.advance(5_000);
    expect(held).to.have.length(1);
    held[0]!();
    await untilState('sent 1');
    await clock.advance(60_000);
    expect(server.came).to.have.length(1);
  });

  it('to one that hangs hold up nobody else, and no drill', async () => {
    const other = await webhookServer();
    server.answer = () => {};
    const file = `notify: [{ webhook: '${server.url}' }, { webhook: '${other.url}' }]`;
    const one = notifier(readOf(file));
    for (const event of ['started', 'ended'] as const) {
      await one.tell({ event, record: failedDay(runs()) });
    }
    await other.hasCome(2);
    expect(server.came).to.have.length(1);
    await other.close();
  });

  it('that are not sent in time are told at the end, and none is waited for in vain', async () => {
    server.answer = () => {};
    const one = notifier(read());
    await one.tell(happening());
    await untilCome(1);
    open = [];
    const ending = one.end(5_000, new AbortController().signal);
    const isOver = outcomeOf(ending);
    while (isOver() === null) {
      await hostClock().sleep(2);
      await clock.advance(50);
    }
    const left = await ending;
    expect(left.map(({ entry }) => entry.message.id)).to.deep.equal([ID]);
    expect(await states(), 'as if it was not tried').to.deep.equal(['waiting 0 null']);
    server.answer = (reply) => void reply.writeHead(503, { 'retry-after': '60' }).end();
    const two = notifier(read());
    await untilState('waiting 1');
    open = [];
    const at_ms = clock.wall();
    expect(await two.end(5_000, new AbortController().signal)).to.have.length(1);
    expect(clock.wall()).to.equal(at_ms);
  });

  it('go on where the disk fails in a way that nobody expected', async () => {
    class Breaking extends Outbox {
      override lock() {
        return {
          release: () => {
            throw new Error('EROFS: read-only file system');
          },
        };
      }
    }
    await notifier(read()).tell(happening());
    await untilState('sent');
    const outbox = new Breaking(runs());
    const [{ file, entry } = { file: '', entry: null }] = await outbox.list();
    await outbox.update({ file, entry: { ...entry!, state: 'waiting' } });
    await end(open[0]!);
    const [receiver] = receiversOf(read().gameday);
    const say = (text: string) => void said.push(text);
    const own = { directory, environment: {}, clock, draw: () => 0, say };
    const sender = new Sender({ ...own, outbox, receiver: () => receiver! });
    const stop = new AbortController();
    const running = sender.run(stop.signal);
    await until(() => said.length > 0);
    expect(said[0]).to.include('EROFS');
    stop.abort();
    await running;
  });

  it('have no secret on the disk, nor in what is said', async () => {
    server.answer = (reply) => void reply.writeHead(404).end();
    const one = notifier(read(', secret: 0123456789abcdef'));
    await one.tell(happening());
    await untilState('given up');
    const files = readdirSync(folder()).filter((name) => name.endsWith('.json'));
    const texts = files.map((name) => readFileSync(join(folder(), name), 'utf8'));
    expect([...texts, ...said, ...files].join()).to.not.match(/secret-token|0123456789abcdef/);
  });

  it('are sent where they cannot be written, which is said once', async () => {
    mkdirSync(join(directory, '.drill', 'gamedays'), { recursive: true });
    writeFileSync(folder(), 'something else');
    server.answer = (reply) => void reply.writeHead(503).end();
    const one = notifier(read());
    await one.tell({ event: 'started', record: failedDay(runs()) });
    await one.tell(happening());
    await untilCome(2);
    expect(said.filter((text) => text.includes('cannot be written'))).to.have.length(1);
    server.answer = (reply) => void reply.writeHead(200).end();
    rmSync(folder());
    await clock.advance(60_000);
    await until(
      async () => (await states()).filter((text) => text.startsWith('sent')).length === 2,
    );
  });
});
