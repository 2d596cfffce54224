// Mail to a real server on loopback.
import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { deliver } from '../../../src/gameday/notify/deliver.ts';
import { messageOf } from '../../../src/gameday/notify/message.ts';
import { receiversOf } from '../../../src/gameday/notify/receiver.ts';
import { failedDay, readOf } from '../../support/gameday.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { mailServer, type MailServer } from '../../support/servers/smtp.ts';

const CREDENTIALS = 'mailer:p%40ssword-of-mail@';

describe('mail', () => {
  const message = messageOf(howItEnded(failedDay('/runs')), [], Date.UTC(2026, 11, 1, 9, 5));
  let clock = new ManualClock();
  let server: MailServer | null = null;
  beforeEach(() => (clock = new ManualClock()));
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  const tell = async (smtp: string, more = '', stop = new AbortController()) => {
    const to = '[team@example.com, boss@example.com]';
    const file = `notify: [{ email: ${to}, smtp: '${smtp}' ${more}}]`;
    const [receiver] = receiversOf(readOf(file).gameday);
    const place = { directory: '/', environment: {}, logFile: () => '/dev/null' };
    return await deliver(receiver!, message, { ...place, clock, number: 1, signal: stop.signal });
  };
  const tellServer = async (options: SMTPServerOptions, credentials = '') => {
    server = await mailServer(options);
    return await tell(`smtp://${credentials}${server.host}`, ', from: drill@example.com');
  };

  it('goes to everybody, with the same id each time, and a subject that says it all', async () => {
    expect(await tellServer({})).to.deep.equal({ kind: 'taken', why: 'taken' });
    await tell(`smtp://${server!.host}`);
    const [first, second] = server!.came;
    expect(first).to.deep.include({
      from: 'drill@example.com',
      to: ['team@example.com', 'boss@example.com'],
    });
    expect(second!.from).to.equal('drill@localhost');
    for (const { text } of server!.came) {
      expect(text).to.include('Message-ID: <20261201T090000Z-weekly-ended@drill>');
      expect(text).to.include('X-Drill-Message: 20261201T090000Z-weekly-ended');
      expect(text).to.include('Subject: Game day weekly has ended: FAIL, 1 drill: 1 FAIL');
      expect(text).to.match(/Date: Tue, 0?1 Dec 2026 09:05:00 (\+0000|GMT)/);
      expect(text).to.match(/promised at most 15 s/);
    }
  });

  it('logs in with what the URL says; a refusal shows nothing of it and is final', async () => {
    const seen: string[] = [];
    const options: SMTPServerOptions = {
      authOptional: false,
      onAuth: ({ username, password }, _, done) => {
        seen.push(`${username} ${password}`);
        done(null, { user: username });
      },
    };
    expect(await tellServer(options, CREDENTIALS)).to.include({ kind: 'taken' });
    expect(seen).to.deep.equal(['mailer p@ssword-of-mail']);
    await server!.close();
    const echoing: SMTPServerOptions = {
      authOptional: false,
      onAuth: ({ username, password }, _, done) => {
        done(new Error(`no ${username} with ${password}`));
      },
    };
    const refused = await tellServer(echoing, CREDENTIALS);
    expect(refused.kind).to.equal('refused');
    expect(refused.why).to.include('no *** with ***');
  });

  it('is tried again where the server cannot take it now, and not where it never will', async () => {
    const saying = (responseCode: number): SMTPServerOptions => ({
      onMailFrom: (_, __, done) => done(Object.assign(new Error('no'), { responseCode })),
    });
    const busy = await tellServer(saying(451));
    await server!.close();
    const never = await tellServer(saying(550));
    expect([busy.kind, never.kind]).to.deep.equal(['failed', 'refused']);
  });

  it('that only some may get has arrived, and says who did not get it', async () => {
    const some: SMTPServerOptions = {
      onRcptTo: ({ address }, _, done) => {
        done(address.startsWith('boss') ? new Error('unknown') : undefined);
      },
    };
    expect(await tellServer(some)).to.deep.equal({
      ...{ kind: 'taken', why: 'taken, but not for boss@example.com' },
    });
  });

  it('goes over TLS where the server can, and to none that cannot show who it is', async () => {
    const came = await tellServer({ disabledCommands: [] });
    expect(came.kind).to.equal('failed');
    expect(came.why).to.match(/certificate|altnames|issuer/i);
    expect(server!.came).to.deep.equal([]);
  });

  it('to a server that hangs costs the time of one try, and nothing stays open', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const closed = new Promise((resolve) => {
      mute.once('connection', (socket) => {
        socket.resume().once('close', resolve);
        socket.on('error', () => {});
        void clock.advance(30_000);
      });
    });
    const { port } = mute.address() as AddressInfo;
    const came = await tell(`smtp://127.0.0.1:${port}`);
    mute.close();
    expect(came).to.deep.equal({
      ...{ kind: 'failed', why: 'no answer within 30 s', after_ms: null },
    });
    await closed;
    const gone = await tell(`smtp://${CREDENTIALS}127.0.0.1:${port}`);
    expect(gone.kind).to.equal('failed');
    expect(gone.why)
      .to.match(/ECONNREFUSED/)
      .and.not.match(/mailer|ssword/);
  });
});
