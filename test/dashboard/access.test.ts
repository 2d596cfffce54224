// Who may ask the dashboard, by which name, and what a browser may do with its answers.
import { expect } from 'chai';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownHosts, nameOfHost } from '../../src/dashboard/access/hosts.ts';
import { tokenIn } from '../../src/dashboard/access/token-file.ts';
import { HOST, RunsInTest, TOKEN } from '../support/dashboard.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const OWN = { ...FORM, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };

describe('access to the dashboard', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('is refused under names that nobody gave it', async () => {
    const { ask } = place.app();
    for (const host of ['evil.example', 'evil.example:8420', '127.0.0.1.evil.example', '', '[']) {
      const { status, text } = await ask('/', { headers: { host } });
      expect(status, host).to.equal(403);
      expect(text, host).to.not.include('<');
    }
    for (const host of ['localhost:8420', 'LOCALHOST', '127.0.0.1:9000']) {
      expect((await ask('/', { headers: { host } })).status, host).to.equal(200);
    }
    expect([...knownHosts('127.0.0.1', ['Drills.Example'])]).to.have.members([
      ...['127.0.0.1', 'localhost', '[::1]', 'drills.example'],
    ]);
    expect([...knownHosts('127.0.0.2', [])]).to.include('127.0.0.2');
    expect([...knownHosts('::2', [])]).to.include('[::2]');
    expect([...knownHosts('0.0.0.0', []), ...knownHosts('::', [])]).to.not.include.members([
      ...['0.0.0.0', '[::]'],
    ]);
    expect(nameOfHost('[::1]:80')).to.equal('[::1]');
    expect(nameOfHost('a b')).to.equal(null);
  });

  it('is refused to requests of other pages', async () => {
    const { ask } = place.app();
    const foreign = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
    ];
    for (const headers of foreign) {
      expect((await ask('/', { headers })).status, JSON.stringify(headers)).to.equal(403);
    }
    const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask('/', { headers: visit })).status).to.equal(200);
    const sent = { method: 'POST', headers: { ...visit, ...FORM }, body: `token=${TOKEN}` };
    expect((await ask('/key', sent)).status).to.equal(403);
  });

  it('lets a browser load nothing from elsewhere, and run nothing that stands in a page', async () => {
    const { ask } = place.app();
    for (const path of ['/', '/nothing', '/assets/style.css']) {
      const { headers } = await ask(path);
      const policy = headers.get('content-security-policy')!;
      expect(policy, path).to.match(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy, path).to.include("frame-ancestors 'none'").and.to.not.include('unsafe');
      expect(headers.get('x-content-type-options'), path).to.equal('nosniff');
    }
    expect((await ask('/')).headers.get('cache-control')).to.equal('no-store');
  });

  it('takes the token where it listens for others, for each page', async () => {
    const id = place.unpack('warm-standby');
    const { ask } = place.app({ isPrivate: true });
    for (const path of ['/', '/runs', `/runs/${id}`, '/nothing']) {
      const { status, text } = await ask(path);
      expect(status, path).to.equal(401);
      expect(text, path).to.include('name="token"').and.to.not.include('region-outage');
      const wrong = { authorization: `Bearer ${TOKEN}x` };
      expect((await ask(path, { headers: wrong })).status, path).to.equal(401);
    }
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(`/runs/${id}`, { headers })).text).to.include('region-outage');
    expect((await ask('/assets/style.css')).status).to.equal(200);
  });

  it('begins with the token, in a cookie that is not the token, and ends when asked', async () => {
    const { ask } = place.app({ isPrivate: true });
    for (const body of ['token=wrong', 'token=', '', `token=${TOKEN.slice(1)}`]) {
      const { status, text, headers } = await ask('/key', { method: 'POST', headers: OWN, body });
      expect(status, body).to.equal(401);
      expect(text, body).to.include('That is not the token.').and.to.not.include(TOKEN.slice(2));
      expect(headers.get('set-cookie'), body).to.equal(null);
    }
    const body = `token=${TOKEN}`;
    const signed = await ask('/key', { method: 'POST', headers: OWN, body });
    expect(signed.status).to.equal(303);
    const set = signed.headers.get('set-cookie')!;
    expect(set).to.include('HttpOnly').and.to.include('SameSite=Strict').and.not.include(TOKEN);
    const cookie = set.split(';')[0]!;
    expect((await ask('/', { headers: { cookie } })).status).to.equal(200);
    const away = await ask('/key/away', { method: 'POST', headers: { ...OWN, cookie } });
    expect(away.status).to.equal(303);
    expect((await ask('/', { headers: { cookie } })).status).to.equal(401);
  });

  it('has no way to sign in where there is no token', async () => {
    const { ask } = place.app({ token: null });
    expect((await ask('/')).text)
      .to.include('read only')
      .and.to.not.include('/key');
    const sent = { method: 'POST', headers: OWN, body: 'token=' };
    expect((await ask('/key', sent)).status).to.equal(404);
  });

  it('refuses what is no form, and tells its own log nothing of it', async () => {
    const type = 'multipart/form-data; boundary=x';
    const headers = { ...OWN, 'content-type': type };
    const { ask, told } = place.app();
    const { status, text } = await ask('/key', { method: 'POST', headers, body: 'broken' });
    expect(status).to.equal(400);
    expect(text).to.include('What was sent is no form.');
    expect(told).to.deep.equal([]);
  });

  it('reads no more of a form than a token needs', async () => {
    const body = `token=${'x'.repeat(100_000)}`;
    const sent = { method: 'POST', headers: { ...OWN, 'content-length': '100006' }, body };
    expect((await place.app().ask('/key', sent)).status).to.equal(413);
  });

  it('makes a token that only its user can read, and takes no other one', () => {
    const file = join(place.directory, '.drill', 'serve.token');
    const made = tokenIn(file, true);
    expect(made).to.have.property('text').that.has.length.above(40);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(tokenIn(file, true)).to.deep.equal(made);
    expect(readFileSync(file, 'utf8')).to.include((made as { text: string }).text);
    chmodSync(file, 0o644);
    expect(tokenIn(file, true)).to.have.property('problem').that.includes('chmod 600');
    writeFileSync(file, 'short\n');
    expect(tokenIn(file, true)).to.have.property('problem').that.includes('no token');
    const link = join(place.directory, 'link');
    symlinkSync('/etc/hostname', link);
    expect(tokenIn(link, true)).to.have.property('problem').that.includes('a link');
    const none = join(place.directory, 'none');
    expect(tokenIn(none, false)).to.have.property('problem').that.includes('no such file');
    expect(existsSync(none)).to.equal(false);
  });
});
