import { expect } from 'chai';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ownUid } from '../../../src/host/users.ts';
import { locatePostgres } from '../../../src/postgres/server/binaries.ts';
import { cacheDirectory, claimWorkshop, putInPlace } from '../../../src/postgres/server/cache.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { ensureTemplate, lookAtTemplate } from '../../../src/postgres/server/template.ts';

const me = { name: 'me', uid: ownUid(), gid: 0, isOther: false };

describe('the cache', function () {
  this.timeout(60_000);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-cache-'));
    chmodSync(root, 0o755);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is made for this user alone, and found from any folder', () => {
    const cache = join(root, 'new', 'one');
    expect(cacheDirectory({ DRILL_CACHE: relative('.', cache) }, me)).to.equal(cache);
    expect(statSync(cache).mode & 0o777).to.equal(0o700);
  });

  it('leaves a directory of other purposes as it is', () => {
    chmodSync(root, 0o1777);
    const cache = () => cacheDirectory({ DRILL_CACHE: root }, me);
    expect(cache).to.throw(`other users can write in ${root}`);
    expect(statSync(root).mode & 0o7777).to.equal(0o1777);
    chmodSync(root, 0o755);
    expect(cache()).to.equal(root);
    expect(statSync(root).mode & 0o7777).to.equal(0o755);
  });

  it('does not follow a relative XDG_CACHE_HOME', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: root }, me)).to.equal(join(root, 'drill'));
    const { HOME } = process.env;
    process.env['HOME'] = root;
    const cache = cacheDirectory({ XDG_CACHE_HOME: 'relative' }, me);
    process.env['HOME'] = HOME;
    expect(cache).to.equal(join(root, '.cache', 'drill'));
  });

  it('loses what makers left that were killed, at its next use', () => {
    const [alive, dead] = [`template-1.making-${process.pid}`, 'postgres-ab.making-4999999'];
    for (const name of [alive, dead, 'mine.making-4999999']) mkdirSync(join(root, name));
    cacheDirectory({ DRILL_CACHE: root }, me);
    expect(readdirSync(root)).to.have.members([alive, 'mine.making-4999999']);
  });

  it('keeps what a maker in another container is at, until that is old', () => {
    // The same process id is nobody's here.
    const [young, old] = ['template-1.making-4999999-1', 'template-2.making-4999999-1'];
    for (const name of [young, old]) mkdirSync(join(root, name));
    const yesterday = Date.now() / 1_000 - 86_400;
    utimesSync(join(root, old), yesterday, yesterday);
    cacheDirectory({ DRILL_CACHE: root }, me);
    expect(readdirSync(root)).to.deep.equal([young]);
    const own = claimWorkshop(join(root, 'template-3'));
    mkdirSync(own);
    cacheDirectory({ DRILL_CACHE: root }, me);
    expect(existsSync(own)).to.equal(true);
  });

  it('replaces what is incomplete, and not what another process finished first', () => {
    const kept = join(root, 'template-1');
    const isComplete = () => existsSync(join(kept, 'whole'));
    mkdirSync(kept);
    writeFileSync(join(kept, 'half'), '');
    for (const name of ['first', 'second']) {
      const made = claimWorkshop(kept);
      mkdirSync(made);
      writeFileSync(join(made, 'whole'), name);
      const put = () => putInPlace(made, kept, isComplete);
      if (name === 'first') put();
      else expect(put).to.throw('ENOTEMPTY');
      rmSync(made, { recursive: true, force: true });
    }
    expect(readdirSync(root)).to.deep.equal(['template-1']);
    expect(readdirSync(kept)).to.deep.equal(['whole']);
  });

  it('gets a new template where the one in it is damaged', async () => {
    const identity = databaseIdentity();
    const binaries = await locatePostgres(process.env, identity);
    const { signal } = new AbortController();
    const onFirstRun = () => Promise.resolve();
    const options = { binaries, identity, cache: root, environment: process.env };
    const { data, password } = await ensureTemplate({ ...options, signal, onFirstRun });
    const look = () => lookAtTemplate(root, binaries, identity);
    expect(look().state).to.equal('ready');
    const secret = join(dirname(data), 'password');
    const harms: [string, () => void, string][] = [
      ['the password is empty', () => truncateSync(secret), 'password was changed'],
      ['a file is gone', () => rmSync(join(data, 'pg_xact', '0000')), 'pg_xact/0000 is missing'],
    ];
    for (const [harm, harmIt, words] of harms) {
      harmIt();
      expect(look(), harm).to.include({ state: 'damaged' });
      expect(look().damage, harm).to.contain(words);
    }
    let told: string | null = '';
    const onDamage = (_: string, damage: string | null) => Promise.resolve(void (told = damage));
    const mended = await ensureTemplate({ ...options, signal, onFirstRun: onDamage });
    expect(told).to.contain('is missing');
    expect(look().state).to.equal('ready');
    expect(mended.password.length).to.equal(password.length);
    expect(readdirSync(root)).to.have.length(1);
  });

  it('puts a new one in the place of a link that leads nowhere', () => {
    const kept = join(root, 'template-1');
    symlinkSync(join(root, 'nowhere'), kept);
    const made = claimWorkshop(kept);
    mkdirSync(made);
    putInPlace(made, kept, () => false);
    expect(lstatSync(kept).isDirectory()).to.equal(true);
    expect(readdirSync(root)).to.deep.equal(['template-1']);
  });
});
