// The password of somebody's own servers: where it comes from, and that no message has it.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { ownServers, placesOf, throughAddress } from '../../../src/topology/attached/servers.ts';

const SECRET = 'pass w%rd/@:?';
const databases = [
  { node: 'east/db1', url: 'postgres://drill@10.0.1.11:5433/app?sslmode=require' },
  { node: 'west/db2', url: 'postgres://drill@db2.internal/app' },
];

describe('the servers of somebody’s own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'drill-own-'));
  const file = join(directory, 'password');
  before(() => writeFileSync(file, `${SECRET}\n`));
  after(() => rmSync(directory, { recursive: true }));

  const sources = {
    env: { env: 'OWN_PASSWORD' },
    file: { file },
    command: { command: ['cat', file] },
  };
  for (const [name, password] of Object.entries(sources)) {
    it(`have the password of ${name} in their addresses, and in no word about them`, async () => {
      const servers = await ownServers({ databases, password }, { OWN_PASSWORD: SECRET });
      for (const { address } of servers) {
        expect(address.password).to.equal(SECRET);
        expect(decodeURIComponent(new URL(address.own!.url).password)).to.equal(SECRET);
        expect(address.own!.shown).not.to.contain('pass');
      }
      expect(servers.map(({ node, region }) => [node, region])).to.deep.equal([
        ['east/db1', 'east'],
        ['west/db2', 'west'],
      ]);
      const [first, second] = servers.map(({ address: { host, port } }) => `${host}:${port}`);
      expect([first, second]).to.deep.equal(['10.0.1.11:5433', 'db2.internal:5432']);
    });
  }

  const missing = {
    'a variable that is not set': { env: 'OWN_PASSWORD' },
    'a file that is not there': { file: join(directory, 'none') },
    'a command that fails': { command: ['false'] },
    'a command that prints nothing': { command: ['true'] },
    'a command that there is not': { command: ['/no/such/program'] },
  };
  for (const [what, password] of Object.entries(missing)) {
    it(`are not reached with ${what}, and it is said what to do`, async () => {
      const error = await ownServers({ databases, password }, { PATH: process.env['PATH'] }).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(EnvironmentError);
      expect((error as EnvironmentError).problem.what).to.contain('topology.system.password');
      expect((error as EnvironmentError).problem.hint).not.to.equal('');
    });
  }

  it('are found by their names, and what stands beside them by its address', async () => {
    const servers = await ownServers({ databases, password: null }, {});
    const placeOf = placesOf(servers);
    expect(placeOf('east/db1')).to.deep.include({
      host: '10.0.1.11',
      port: 5433,
      database: servers[0]!.address,
    });
    const beside = { host: '10.0.1.11', port: 8008, database: null };
    expect(placeOf('10.0.1.11:8008')).to.deep.equal(beside);
    // With its brackets nobody would be met there, which looks as if it had been broken.
    expect(placeOf('[fd00::1]:8008')).to.deep.equal({ ...beside, host: 'fd00::1' });
  });

  it('keep what an address asks for where clients are led another way', () => {
    const through = throughAddress('postgres://drill:x@10.0.1.11:5433/app?sslmode=require', {
      host: 'ha.internal',
      port: 5000,
    });
    expect(through).to.equal('postgres://drill:x@ha.internal:5000/app?sslmode=require');
    const stated = 'postgres://drill@db1/app?host=10.0.1.11&port=5433&sslmode=require';
    expect(throughAddress(stated, { host: 'ha', port: 5000 })).to.equal(
      'postgres://drill@ha:5000/app?sslmode=require',
    );
    expect(throughAddress('postgres://drill@a/app', { host: '::1', port: 5000 })).to.equal(
      'postgres://drill@[::1]:5000/app',
    );
  });
});
