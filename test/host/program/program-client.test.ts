import { expect } from 'chai';
import { connectProgram, type ProgramClient } from '../../../src/host/program/program-client.ts';
import { EventHistory, serveRequests } from '../../../src/host/program/program-server.ts';
import { hostClock } from '../../../src/host/clock.ts';

const clock = hostClock();
const TOKEN = 'secret';

describe('a program reached over HTTP', () => {
  const history = new EventHistory();
  const perform = async (name: string, body: unknown) => {
    if (name === 'fail') throw new Error('it cannot');
    if (name === 'slow') await clock.sleep(400);
    return { name, body };
  };
  let server: Awaited<ReturnType<typeof serveRequests>>;
  let clients: ProgramClient[] = [];
  const client = (token = TOKEN) => {
    const made = connectProgram({ title: 'gslb', host: '127.0.0.1', port: server.port, token });
    clients.push(made);
    return made;
  };
  beforeEach(async () => {
    server = await serveRequests(perform, history, { host: '127.0.0.1', port: 0, token: TOKEN });
  });
  afterEach(() => {
    for (const each of clients) each.close();
    clients = [];
    server.close();
  });

  it('answers requests, and refuses as the program does', async () => {
    expect(await client().request('state', { a: 1 })).to.deep.equal({
      ...{ name: 'state', body: { a: 1 } },
    });
    const failure = await client()
      .request('fail', {})
      .catch((error: Error) => error.message);
    expect(failure).to.equal('gslb: it cannot');
    const stranger = await client('wrong')
      .request('state', {})
      .catch((error: Error) => error.message);
    expect(stranger).to.contain('control token');
  });

  it('does not wait longer than it may', async () => {
    const failure = await client()
      .request('slow', {}, 50)
      .catch((error: Error) => error.message);
    expect(failure).to.equal('gslb: "slow": no answer within 50 ms');
  });

  it('passes on past events and new ones, and says once that they ended', async () => {
    history.emit('region.up', { region: 'east' });
    const seen: string[] = [];
    const lost: string[] = [];
    await client().follow(
      (name) => seen.push(name),
      (reason) => lost.push(reason),
    );
    history.emit('region.down', { region: 'east' });
    while (seen.length < 2) await clock.sleep(5);
    expect(seen.slice(-2)).to.deep.equal(['region.up', 'region.down']);
    server.close();
    while (lost.length < 1) await clock.sleep(5);
    await clock.sleep(20);
    expect(lost).to.have.length(1);
  });

  it('does not call its own end a loss', async () => {
    const lost: string[] = [];
    const following = client();
    await following.follow(
      () => {},
      (reason) => lost.push(reason),
    );
    following.close();
    await clock.sleep(30);
    expect(lost).to.deep.equal([]);
  });
});
