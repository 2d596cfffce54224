// Webhooks against a real server on loopback that answers in every way.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { deliver } from '../../../src/gameday/notify/deliver.ts';
import { messageOf } from '../../../src/gameday/notify/message.ts';
import { receiversOf } from '../../../src/gameday/notify/receiver.ts';
import { signature } from '../../../src/gameday/notify/sign.ts';
import { failedDay, readOf } from '../../support/gameday.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { webhookServer, type WebhookServer } from '../../support/servers/webhook.ts';

describe('a webhook', () => {
  let server: WebhookServer;
  let directory = '';
  let clock = new ManualClock();
  const message = messageOf(howItEnded(failedDay('/runs')), [], 0);
  beforeEach(async () => {
    server = await webhookServer();
    directory = mkdtempSync(join(tmpdir(), 'drill-notify-'));
    clock = new ManualClock();
  });
  afterEach(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });

  const sending = () => {
    return { directory, environment: {}, logFile: () => join(directory, 'commands.log') };
  };
  const tell = async (
    more = '',
    url = `${server.url}/T0/secret-token`,
    stop = new AbortController(),
  ) => {
    const [receiver] = receiversOf(readOf(`notify: [{ webhook: '${url}' ${more}}]`).gameday);
    const { signal } = stop;
    return await deliver(receiver!, message, { clock, number: 3, ...sending(), signal });
  };

  it('gets the message as JSON, with its id and a signature', async () => {
    const secret = '0123456789abcdef';
    expect(await tell(`, secret: ${secret}`)).to.deep.equal({ kind: 'taken', why: 'answered 200' });
    const [{ headers, body, path }] = server.came as [WebhookServer['came'][number]];
    expect(path).to.equal('/T0/secret-token');
    expect(JSON.parse(body)).to.deep.equal(message);
    expect(headers).to.include({
      ...{ 'content-type': 'application/json', 'x-drill-event': 'ended', 'x-drill-try': '3' },
      'x-drill-message': message.id,
      'x-drill-signature': signature(body, secret, clock.wall()),
    });
    writeFileSync(join(directory, 'secret'), `${secret}\n`);
    await tell(', secret_file: secret');
    expect(server.came[1]!.headers['x-drill-signature']).to.equal(headers['x-drill-signature']);
  });

  it('gets a text where it is Slack, with nothing that Slack would follow', async () => {
    const record = failedDay('/runs');
    const stop = { why: 'interrupted', text: '<!channel> & <http://x>' } as const;
    const told = messageOf(howItEnded({ ...record, stop }), [], 0);
    const [receiver] = receiversOf(
      readOf(`notify: [{ webhook: '${server.url}', format: slack }]`).gameday,
    );
    const { signal } = new AbortController();
    await deliver(receiver!, told, { clock, number: 1, ...sending(), signal });
    const body = JSON.parse(server.came[0]!.body) as Record<string, string>;
    expect(Object.keys(body)).to.deep.equal(['text']);
    expect(body['text']).to.include('&lt;!channel&gt; &amp; &lt;http://x&gt;');
    expect(server.came[0]!.headers).to.not.have.property('x-drill-signature');
  });

  it('that is busy, or broken, is asked again, as late as it asks for', async () => {
    for (const status of [408, 429, 500, 503]) {
      server.answer = (reply) => void reply.writeHead(status, { 'retry-after': '90' }).end();
      expect(await tell(), String(status)).to.deep.equal({
        ...{ kind: 'failed', why: `answered ${status}`, after_ms: 90_000 },
      });
    }
  });

  it('that refuses is not asked again, and no redirect is followed', async () => {
    for (const status of [400, 401, 404, 410, 422]) {
      server.answer = (reply) => void reply.writeHead(status).end();
      expect(await tell()).to.deep.equal({ kind: 'refused', why: `answered ${status}` });
    }
    for (const status of [301, 302, 307, 308]) {
      const count = server.came.length;
      server.answer = (reply) => void reply.writeHead(status, { location: server.url }).end();
      expect(await tell()).to.deep.equal({
        ...{ kind: 'refused', why: `answered ${status}, a redirect: none is followed` },
      });
      expect(server.came.length).to.equal(count + 1);
    }
  });

  it('that hangs, or sends its answer for ever, costs the time of one try', async () => {
    server.answer = () => {};
    const hanging = tell();
    await server.hasCome(1);
    expect(await clock.runUntil(hanging)).to.deep.equal({
      ...{ kind: 'failed', why: 'no answer within 10 s', after_ms: null },
    });
    server.answer = (reply) => {
      reply.writeHead(200);
      const more = setInterval(() => reply.write('more'), 1);
      reply.on('close', () => clearInterval(more));
    };
    expect(await tell(), 'its head is enough').to.include({ kind: 'taken' });
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const connected = new Promise((resolve) => mute.once('connection', resolve));
    const slow = tell('', `https://127.0.0.1:${(mute.address() as AddressInfo).port}/`);
    await connected;
    expect(await clock.runUntil(slow), 'no TLS').to.include({ why: 'no answer within 10 s' });
    mute.close();
  });

  it('that hangs up, or is not there, is asked again; nothing shows its token', async () => {
    server.answer = (reply) => void reply.destroy();
    const closed = await tell();
    expect(closed).to.include({ kind: 'failed', why: 'socket hang up' });
    const gone = `${server.url}/T0/secret-token`;
    await server.close();
    const refused = await tell('', gone);
    expect(refused.kind).to.equal('failed');
    expect(refused.why).to.match(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    const { why } = await tell('', 'http://secret-token.invalid/T0');
    expect(why).to.include('secret-token.invalid');
    const garbled = await tell('', `${gone.replace('http', 'https')}?key=abcdef`);
    expect(JSON.stringify(garbled)).to.not.match(/T0|abcdef/);
    server = await webhookServer();
  });

  it('that is broken off says nothing of itself', async () => {
    server.answer = () => {};
    const stop = new AbortController();
    const telling = tell('', undefined, stop);
    await server.hasCome(1);
    stop.abort(new Error('stopped'));
    const error = await telling.catch((reason: Error) => reason.message);
    expect(error).to.equal('stopped');
  });

  it('is not told without the secret that is to sign it', async () => {
    const came = await tell(', secret_file: gone');
    expect(came).to.deep.equal({
      ...{ kind: 'failed', why: 'secret_file: there is no such file', after_ms: null },
    });
    writeFileSync(join(directory, 'empty'), '\n');
    expect((await tell(', secret_file: empty')).why).to.equal('secret_file: it is empty');
    expect(server.came).to.have.length(0);
  });
});
