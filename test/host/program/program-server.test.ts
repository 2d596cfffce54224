// A program without a parent, over HTTP: its requests, its events, its settings, and who may ask.
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EventHistory, serveRequests } from '../../../src/host/program/program-server.ts';

const TOKEN = 'a-token';
const authorization = `Bearer ${TOKEN}`;
const EDGE = pathToFileURL(
  fileURLToPath(new URL('../../../src/host/program/program-edge.ts', import.meta.url)),
);

describe('program server', () => {
  let history: EventHistory;
  let server: Awaited<ReturnType<typeof serveRequests>>;
  let asked: unknown[];

  beforeEach(async () => {
    history = new EventHistory();
    asked = [];
    const perform = async (name: string, body: unknown) => {
      asked.push([name, body]);
      if (name === 'fail') throw new Error('it cannot be done');
      return { done: name };
    };
    server = await serveRequests(perform, history, { host: '127.0.0.1', port: 0, token: TOKEN });
  });
  afterEach(() => server.close());

  const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
  const post = async (path: string, body: string, headers = { authorization }) => {
    const reply = await fetch(url(path), { method: 'POST', body, headers });
    return { status: reply.status, body: await reply.json() };
  };

  it('performs a request and answers with what came of it', async () => {
    expect(await post('/request/go', '{"a":1}')).to.deep.equal({
      status: 200,
      body: { body: { done: 'go' } },
    });
    expect(await post('/request/go', '')).to.have.property('status', 200);
    expect(asked).to.deep.equal([
      ['go', { a: 1 }],
      ['go', {}],
    ]);
  });

  it('says why a request failed', async () => {
    expect(await post('/request/fail', '{}')).to.deep.equal({
      status: 422,
      body: { error: 'it cannot be done' },
    });
  });

  it('performs nothing for one without the token, or with a body that is none', async () => {
    const wrong = { authorization: 'Bearer another' };
    expect(await post('/request/go', '{}', wrong)).to.have.property('status', 401);
    expect((await fetch(url('/request/go'), { method: 'POST' })).status).to.equal(401);
    expect((await fetch(url('/events'))).status).to.equal(401);
    expect(await post('/request/go', '{"a":')).to.have.property('status', 400);
    expect(await post('/request/go', ' '.repeat(1024 * 1024 + 1))).to.have.property('status', 413);
    expect(await post('/elsewhere', '{}')).to.have.property('status', 404);
    expect(asked).to.deep.equal([]);
  });

  it('streams the past events, then each as it comes, and a heartbeat', async () => {
    history.emit('first', 1);
    const ended = new AbortController();
    const reply = await fetch(url('/events'), { headers: { authorization }, signal: ended.signal });
    const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    const until = async (text: string) => {
      while (!seen.includes(text)) seen += (await reader.read()).value ?? '';
    };
    await until('{"name":"first","body":1}\n');
    history.emit('second', { x: 2 });
    await until('{"name":"second","body":{"x":2}}\n');
    seen = '';
    await until('\n');
    expect(seen).to.equal('\n');
    ended.abort();
  });
});

describe('a program without a parent', () => {
  let folder: string;
  let running: ChildProcess | null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-alone-'));
    running = null;
    const program =
      `import { serveProgram } from ${JSON.stringify(EDGE.href)};\n` +
      `serveProgram(({ emit }) => ({ start: (settings) => {\n` +
      `  if (settings.bad) throw new Error('bad settings');\n` +
      `  emit('began', settings); return { began: true }; } }));\n`;
    writeFileSync(join(folder, 'main.mjs'), program);
  });
  afterEach(() => {
    running?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (environment: Record<string, string>) => {
    const args = ['--import=tsx', join(folder, 'main.mjs')];
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    running = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    return running;
  };
  const outputOf = async (child: ChildProcess) => {
    let text = '';
    child.stdout!.on('data', (chunk) => (text += String(chunk)));
    child.stderr!.on('data', (chunk) => (text += String(chunk)));
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { text, code };
  };

  it('carries out its settings at once and serves its events', async () => {
    const file = join(folder, 'settings.json');
    const ready = join(folder, 'ready');
    writeFileSync(file, '{ "a": 1 }');
    const settings = { DRILL_SETTINGS: `@${file}`, DRILL_CONTROL_TOKEN: TOKEN };
    const child = start({ ...settings, DRILL_CONTROL_PORT: '0', DRILL_READY_FILE: ready });
    let text = '';
    const port = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`it ended: ${text}`)));
      child.stderr!.on('data', (chunk) => (text += String(chunk)));
      child.stdout!.on('data', (chunk) => {
        text += String(chunk);
        const match = /^control .*"port":(\d+)/m.exec(text);
        if (match !== null) resolve(match[1]!);
      });
    });
    expect(text).to.include('started {"began":true}');
    const reply = await fetch(`http://127.0.0.1:${port}/events`, { headers: { authorization } });
    const { value } = await reply.body!.pipeThrough(new TextDecoderStream()).getReader().read();
    expect(value).to.equal('{"name":"began","body":{"a":1}}\n');
    expect(existsSync(ready), 'the ready file').to.equal(true);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('exit', resolve))).to.equal(0);
  });

  it('ends with the reason when it cannot start, and is never ready', async () => {
    const ready = join(folder, 'ready');
    writeFileSync(ready, 'of an earlier start');
    const cases = [
      ['{"bad":true}', 'cannot start: bad settings'],
      ['{"bad":', 'DRILL_SETTINGS: expected JSON'],
      ['@/no/such/file', 'no such file'],
    ] as const;
    for (const [settings, reason] of cases) {
      const child = start({ DRILL_SETTINGS: settings, DRILL_READY_FILE: ready });
      const { text, code } = await outputOf(child);
      expect(code, settings).to.equal(1);
      expect(text).to.include(reason);
      expect(existsSync(ready), 'the ready file').to.equal(false);
    }
  });
});
