// Whether a server takes no writes any more, as drill sees a failover that leaves nothing broken.
import { expect } from 'chai';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { biteName } from '../../../src/drill/fault/command.ts';
import { bites } from '../../../src/topology/attached/seen.ts';
import { placesOf } from '../../../src/topology/attached/servers.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const fault = {
  title: 'it fails over',
  seen: { by: 'takes_no_writes', where: 'east/db1' },
  takes_at_most_ms: 1_000,
} as const;

describe('a server that takes no writes', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: OwnServer;

  before(async () => {
    database = await startTestDatabase();
    server = { node: 'east/db1', region: 'east', address: database.address() };
  });
  after(() => database.stop());

  const look = async (at = server) => {
    const run = () => Promise.reject(new Error('no command is run'));
    return await bites(fault, { placeOf: placesOf([at]), run });
  };

  it('is told from one that does', async () => {
    expect(biteName(fault)).to.equal('east/db1 takes no writes');
    expect(await look()).to.deep.equal({ ok: false, detail: 'it takes writes' });
  });

  it('is one that says so itself', async () => {
    const change = `alter role ${server.address.user} set default_transaction_read_only`;
    await database.query(`${change} = on`);
    expect(await look()).to.deep.equal({ ok: true, detail: 'it is read-only' });
    await database.query(`${change} = off`);
  });

  it('is one that lets nobody in', async () => {
    const { ok, detail } = await look({ ...server, address: { ...server.address, port: 1 } });
    expect(ok).to.equal(true);
    expect(detail).to.match(/ECONNREFUSED/);
  });
});
