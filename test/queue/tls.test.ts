// A database that takes TLS, with a certificate of its own that no authority has signed: what an
// address asks for is what psql takes it for, and what is wrong is told, without the password.
import { expect } from 'chai';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATIENT, withHistory } from '../../src/archive/shared/connect.ts';
import { databaseAddress } from '../../src/drill/database-address.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { SharedQueue } from '../../src/queue/queue.ts';
import { DATABASE } from '../../src/postgres/server/template.ts';
import { makeCertificate, requireOpenssl } from '../support/certificate.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';

describe('a shared database that takes TLS', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let place = '';
  let root = '';
  let otherRoot = '';
  before(async function () {
    requireOpenssl(this);
    place = mkdtempSync(join(tmpdir(), 'drill-tls-'));
    database = await startTestDatabase();
    const { data } = database.started;
    const [own, stranger] = [data, place].map((folder) => {
      const at = (name: string) => join(folder, name);
      const files = { key: at('server.key'), certificate: at('server.crt') };
      makeCertificate(files, 'DNS:localhost');
      return files;
    });
    root = own!.certificate;
    otherRoot = stranger!.certificate;
    const { uid, gid } = statSync(data);
    for (const file of Object.values(own!)) {
      chownSync(file, uid, gid);
      chmodSync(file, 0o600); // a key that others can read is refused
    }
    await setTls('on');
  });
  after(async () => {
    if (place !== '') rmSync(place, { recursive: true });
    await database?.stop();
  });

  /** Resolves once it answers so. */
  async function setTls(state: 'on' | 'off'): Promise<void> {
    await database.query(`alter system set ssl = ${state}`);
    await database.query('select pg_reload_conf()');
    for (;;) {
      const [row] = await database.query<{ ssl: string }>('show ssl');
      if (row!.ssl === state) return;
    }
  }

  function addressOf(words: string, host = 'localhost') {
    const { user, password } = database.credentials.admin;
    return databaseAddress(
      `postgres://${user}:${password}@${host}:${database.port}/${DATABASE}?${words}`,
    )!;
  }

  /** Null: both who share trials and who share results reach it. */
  async function problemOf(words: string, host?: string): Promise<string | null> {
    const address = addressOf(words, host);
    const queued = await SharedQueue.open(address).then(
      async (queue) => await queue.close().then(() => null),
      (error: EnvironmentError) => error,
    );
    const told = await withHistory(address, PATIENT, async () => null).catch(
      (error: Error) => error.message,
    );
    if (queued === null) return told;
    expect(queued).to.be.instanceOf(EnvironmentError);
    const { found, hint } = queued.problem;
    expect(told).to.include(found);
    const all = `${queued.message}; ${hint}`;
    expect(`${all} ${told}`).not.to.include(database.credentials.admin.password);
    return all;
  }

  const isRefused = async (words: string, why: RegExp, host?: string) =>
    expect(`${words}: ${await problemOf(words, host)}`).to.match(why);

  it('is reached as the address asks for it', async () => {
    for (const words of [
      'sslmode=require',
      `sslmode=require&sslrootcert=${root}`,
      `sslmode=verify-full&sslrootcert=${root}`,
    ]) {
      expect(await problemOf(words)).to.equal(null);
    }
    // A name that is not in its certificate is no matter there.
    const words = `sslmode=verify-ca&sslrootcert=${root}`;
    expect(await problemOf(words, '127.0.0.1'), words).to.equal(null);
  });

  it('is not believed where nobody vouches for it', async () => {
    await isRefused('sslmode=verify-full', /self-signed certificate; .*sslrootcert=FILE/);
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const words = `sslmode=${mode}&sslrootcert=${otherRoot}`;
      await isRefused(words, /self-signed certificate; .*sslrootcert=FILE/);
    }
  });

  it('is not believed under another name', async () => {
    const words = `sslmode=verify-full&sslrootcert=${root}`;
    await isRefused(
      words,
      /127\.0\.0\.1 is not in the cert.s list.*; .*sslmode=verify-ca/,
      '127.0.0.1',
    );
  });

  it('is not asked with files that cannot be used', async () => {
    const missing = join(place, 'missing');
    const junk = join(place, 'junk');
    writeFileSync(junk, 'no certificate');
    const modes = 'sslmode=require&sslrootcert=';
    await isRefused(modes + missing, /certificate in .*missing, which sslrootcert names, found no/);
    await isRefused(modes + junk, /sslrootcert names, found a file that has none; mend the file/);
    await isRefused(modes + place, /found a file that cannot be read \(EISDIR\)/);
    await isRefused('sslmode=verify-ca', /sslrootcert=FILE beside sslmode=verify-ca.*found none/);
  });

  it('is told where it takes none', async () => {
    await setTls('off');
    await isRefused('sslmode=require', /does not support SSL connections; turn on ssl there/);
    await setTls('on');
  });
});
