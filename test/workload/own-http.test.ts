// Clients that write over a team's own endpoint: what each of its answers proves, and each silence.
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpWay } from '../../src/drill/attached/own-way.ts';
import { OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import { freePort, LOOPBACK } from '../../src/host/ports.ts';
import { makeCertificate, requireOpenssl } from '../support/certificate.ts';
import { openTestWorkload, rowsOf } from './harness.ts';

const clock = hostClock();
const TIMEOUT_MS = 400;

interface Got {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('clients over an endpoint of a team’s own', () => {
  const got: Got[] = [];
  let answer: (response: ServerResponse, socket: Socket) => void = () => {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', method = '', headers, socket } = request;
      got.push({ url, method, headers, body: Buffer.concat(chunks).toString() });
      answer(response, socket);
    });
  });
  let origin: string;

  before(async () => {
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    origin = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => void got.splice(0));
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const run = async (way: Partial<HttpWay> = {}, for_ms = 150) => {
    const own: HttpWay = {
      by: 'http',
      run: 'run-1',
      method: 'POST',
      url: `${origin}/orders`,
      body: '{"id":"{run}-{writer}-{sequence}","note":"{payload}"}',
      ca: null,
      headers: { 'content-type': 'application/json', authorization: 'Bearer s3cret' },
      acknowledged: ['2xx'],
      refused: ['409', '422'],
      ...way,
    };
    const planned = { via: 'sql', rate_per_s: 100, timeout_ms: TIMEOUT_MS } as const;
    const test = await openTestWorkload({ host: '', port: 0 }, planned, { gslb: null, own });
    test.workload.run();
    await clock.sleep(for_ms);
    return rowsOf(await test.finish());
  };
  const outcomes = (rows: readonly { readonly outcome: number }[]) => [
    ...new Set(rows.map(({ outcome }) => outcome)),
  ];
  const status = (code: number) => (response: ServerResponse) =>
    void response.writeHead(code).end('{}');

  it('send each write as the template has it, once', async () => {
    answer = status(201);
    const rows = await run({ method: 'PUT', url: `${origin}/o/{run}/{writer}-{sequence}?a=b` });
    expect(outcomes(rows)).to.deep.equal([OUTCOME.acknowledged]);
    expect(got).to.have.length(rows.length);
    const [first] = got;
    expect(first).to.include({ method: 'PUT', url: '/o/run-1/1-1?a=b' });
    expect(first!.headers).to.include({ authorization: 'Bearer s3cret' });
    const { id, note } = JSON.parse(first!.body) as Record<string, string>;
    expect(id).to.equal('run-1-1-1');
    expect(note).to.match(/^[a-p]{64}$/);
  });

  const answers: readonly (readonly [code: number, outcome: keyof typeof OUTCOME])[] = [
    [200, 'acknowledged'],
    [409, 'refused'],
    [422, 'refused'],
    [302, 'unknown'],
    [404, 'unknown'],
    [503, 'unknown'],
  ];
  for (const [code, outcome] of answers) {
    it(`hold what is answered with ${code} for ${outcome}`, async () => {
      answer = status(code);
      expect(outcomes(await run())).to.deep.equal([OUTCOME[outcome]]);
    });
  }

  it('hold what is not answered in time for unknown', async () => {
    answer = () => {};
    const rows = await run();
    expect(outcomes(rows)).to.deep.equal([OUTCOME.unknown]);
    expect(rows.every(({ done_ms, sent_ms }) => done_ms - sent_ms >= TIMEOUT_MS)).to.equal(true);
  });

  it('hold what is hung up on for unknown, also in the middle of an answer', async () => {
    answer = (_, socket) => void socket.destroy();
    expect(outcomes(await run())).to.deep.equal([OUTCOME.unknown]);
    answer = (response, socket) => {
      response.writeHead(201, { 'content-length': '100' }).write('{');
      setTimeout(() => socket.destroy(), 20);
    };
    expect(outcomes(await run())).to.deep.equal([OUTCOME.unknown]);
  });

  it('hold for refused what finds nobody: nothing was sent', async () => {
    const rows = await run({ url: `http://${LOOPBACK}:${await freePort()}/orders` });
    expect(outcomes(rows)).to.deep.equal([OUTCOME.refused]);
    expect(got).to.deep.equal([]);
  });

  it('hold for refused what finds nobody who speaks TLS: nothing was sent', async () => {
    answer = status(201);
    const rows = await run({ url: `${origin.replace('http:', 'https:')}/orders` });
    expect(outcomes(rows)).to.deep.equal([OUTCOME.refused]);
    expect(got).to.deep.equal([]);
  });

  it('speak TLS with whom they were told to trust, and send nothing to anybody else', async function () {
    requireOpenssl(this);
    const directory = mkdtempSync(join(tmpdir(), 'drill-https-'));
    const files = { key: join(directory, 'key'), certificate: join(directory, 'certificate') };
    makeCertificate(files, `IP:${LOOPBACK}`);
    const [key, ca] = [files.key, files.certificate].map((file) => readFileSync(file, 'utf8'));
    rmSync(directory, { recursive: true });
    let taken = 0;
    const secure = createSecureServer({ key, cert: ca }, (_, response) => {
      taken += 1;
      response.writeHead(201).end();
    });
    secure.listen(0, LOOPBACK);
    await once(secure, 'listening');
    const url = `https://${LOOPBACK}:${(secure.address() as AddressInfo).port}/orders`;
    const rows = await run({ url, ca: ca! }, 400);
    expect(outcomes(rows)).to.deep.equal([OUTCOME.acknowledged]);
    expect(taken).to.equal(rows.length);
    expect(outcomes(await run({ url }))).to.deep.equal([OUTCOME.refused]);
    expect(taken).to.equal(rows.length);
    secure.closeAllConnections();
    secure.close();
  });

  it('follow no redirection, and take no 1xx for an answer', async () => {
    answer = (response) => {
      response.writeProcessing();
      response.writeHead(307, { location: `${origin}/elsewhere` }).end();
    };
    const rows = await run();
    expect(outcomes(rows)).to.deep.equal([OUTCOME.unknown]);
    expect(new Set(got.map(({ url }) => url))).to.deep.equal(new Set(['/orders']));
  });
});
