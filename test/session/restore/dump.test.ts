// Restore drills of what a real pg_dump wrote, in each of its forms: a good one passes, and one that
// is cut short or cannot be loaded as it is does not.
import { expect } from 'chai';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { copyTree } from '../../../src/host/files.ts';
import { codesOf, drillIt } from '../../support/backups/drill-it.ts';
import { stateOf, Team } from '../../support/backups/team.ts';
import { it } from '../../support/commands.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';

const ROWS = 3_000;

const CLEAN = {
  'clean.sql': ['--clean'],
  'clean-if.sql': ['--clean', '--if-exists'],
  'clean-create.sql': ['--clean', '--create'],
  'clean-all.sql': ['--clean', '--create', '--if-exists'],
  'create.sql': ['--create'],
} as const;

describe('a restore drill of a dump', function () {
  this.timeout(180_000);
  let own: Team | null = null;
  let copies = 0;

  /** Dumps of one database: with a role in it that no dump carries. */
  const made = async (context: Mocha.Context): Promise<Team> => {
    requireRepmgr(context); // for PostgreSQL of the same packages
    if (own !== null) return own;
    own = await Team.start(() => "archive_command = 'true'\n");
    await own.write(ROWS);
    await own.sql('create role app; alter table orders owner to app; create schema dr_drill');
    await own.sql('create table dr_drill.heartbeat (at timestamptz)');
    await own.sql('insert into dr_drill.heartbeat values (now())');
    const way = ['-h', own.directory, '-U', 'postgres', '-d', 'app'];
    const dump = async (file: string, ...words: readonly string[]) =>
      await own!.run('pg_dump', [...way, '-f', file, ...words]);
    await dump('custom', '-F', 'c');
    await dump('tar', '-F', 't');
    await dump('directory', '-F', 'd');
    await dump('loose', '-F', 'd', '-Z', '0');
    await dump('inserts', '-F', 'd', '-Z', '0', '--inserts');
    await dump('all.sql', '-F', 'p', '--no-owner');
    await dump('owned.sql', '-F', 'p');
    for (const form of ['c', 't', 'd']) await dump(`clean-${form}`, '-F', form, '--clean');
    for (const [file, words] of Object.entries(CLEAN)) await dump(file, '--no-owner', ...words);
    await dump('schema', '-F', 'c', '-s');
    await own.sql('create materialized view late as select pg_sleep(60)::text as x with no data');
    await own.sql("update pg_class set relispopulated = true where relname = 'late'");
    await dump('slow', '-F', 'c');
    await own.stopServer();
    return own;
  };
  after(() => own?.down());

  const drill = async (file: string, more = '', backup = '') => {
    const { directory } = own!;
    const place = join(directory, `session-${(copies += 1)}`);
    const which = `kind: pg_dump, path: ${join(directory, file)}${backup}`;
    const text = `restore: 1\nname: in-test\ndatabase: app\nbackup: { ${which} }\n${more}`;
    return await drillIt(place, text);
  };
  const COUNT = `checks: [amcheck, { query: { sql: select count(*) from orders, expected: ${ROWS} } }]\n`;

  for (const form of ['custom', 'tar', 'directory', 'inserts', 'all.sql']) {
    it.full(`passes in the form ${form}, which stays as it was`, async function () {
      const { directory } = await made(this);
      const before = form === 'directory' ? stateOf(join(directory, form)) : [];
      const beats = 'heartbeat: { every: 1s }\ntargets: { restore: 2m, rpo: 1h }\n';
      const result = await drill(form, `${COUNT}${beats}`);
      expect(result.reasons).to.deep.equal([]);
      expect(result.verdict).to.equal('pass');
      expect(result.rpo?.by).to.equal('heartbeat');
      if (form === 'directory') expect(stateOf(join(directory, form))).to.deep.equal(before);
    });
  }

  it.full('knows how old one is at most, and nothing of SQL', async function () {
    await made(this);
    const custom = await drill('custom', 'targets: { rpo: 15h }\n');
    expect(custom.verdict).to.equal('pass');
    expect(custom.rpo).to.include({ by: 'backup', low_ms: 0 });
    expect(custom.rpo!.high_ms).to.be.within(14 * 3_600_000, 14.5 * 3_600_000);
    const sql = await drill('all.sql', 'targets: { rpo: 15h }\n');
    expect(sql.verdict).to.equal('inconclusive');
    expect(sql.rpo).to.equal(null);
  });

  for (const form of ['clean-c', 'clean-t', 'clean-d', ...Object.keys(CLEAN)]) {
    it.full(`passes with what drops first what is not there: ${form}`, async function () {
      await made(this);
      const result = await drill(form, COUNT);
      expect(result.reasons).to.deep.equal([]);
      expect(result.verdict).to.equal('pass');
    });
  }

  it.full('fails with any other error of one that drops first', async function () {
    const { directory } = await made(this);
    for (const form of ['clean.sql', 'clean-create.sql']) {
      const text = readFileSync(join(directory, form), 'utf8');
      const broken = text.replace('CREATE TABLE public.orders', 'CREATE TABLE nowhere.orders');
      writeFileSync(join(directory, 'broken.sql'), broken, { mode: 0o644 });
      const result = await drill('broken.sql');
      expect(result.verdict).to.equal('fail');
      expect(result.reasons[0]).to.include('schema "nowhere" does not exist');
    }
  });

  it.full('runs no command of psql that is in one', async function () {
    const { directory } = await made(this);
    const ran = join(directory, 'ran');
    for (const form of ['all.sql', 'create.sql']) {
      const text = readFileSync(join(directory, form), 'utf8');
      const key = /^\\restrict (\w+)$/m.exec(text)?.[1] ?? 'none';
      const end = '-- PostgreSQL database dump complete';
      const bad = `\\unrestrict ${key}\n\\! touch ${ran}\n\n${end}`;
      writeFileSync(join(directory, 'bad.sql'), text.replace(end, bad), { mode: 0o644 });
      const result = await drill('bad.sql');
      expect(result.verdict).to.equal('fail');
      expect(result.reasons[0]).to.include('a command of psql (\\…), which is not run here');
      expect(existsSync(ran)).to.equal(false);
    }
  });

  it.full('says that it was not finished where it is loaded too long', async function () {
    const { directory } = await made(this);
    const text = readFileSync(join(directory, 'all.sql'), 'utf8');
    const end = '-- PostgreSQL database dump complete';
    const slow = text.replace(end, `select pg_sleep(60);\n\n${end}`);
    writeFileSync(join(directory, 'slow.sql'), slow, { mode: 0o644 });
    for (const form of ['slow.sql', 'slow']) {
      const result = await drill(form, 'deadline: 4s\n');
      expect(result.verdict).to.equal('fail');
      expect(codesOf(result), form).to.deep.equal(['not-finished']);
    }
  });

  it.full('never passes where it is cut short', async function () {
    const { directory } = await made(this);
    const whole = readFileSync(join(directory, 'custom'));
    for (const share of [0.1, 0.5, 0.9, 1]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share) - 1);
      writeFileSync(join(directory, 'cut'), cut, { mode: 0o644 });
      const result = await drill('cut');
      expect(result.verdict, String(share)).to.equal('fail');
    }
    const text = readFileSync(join(directory, 'all.sql'), 'utf8');
    const lines = text.split('\n');
    const half = lines.slice(0, lines.length / 2).join('\n');
    writeFileSync(join(directory, 'cut.sql'), `${half}\n\\.\n`, { mode: 0o644 });
    expect((await drill('cut.sql')).verdict).to.equal('fail');
    const packed = gzipSync(text);
    writeFileSync(join(directory, 'cut.sql.gz'), packed.subarray(0, -20), { mode: 0o644 });
    expect((await drill('cut.sql.gz')).verdict).to.equal('fail');
    writeFileSync(join(directory, 'all.sql.gz'), packed, { mode: 0o644 });
    expect((await drill('all.sql.gz', COUNT)).verdict).to.equal('pass');
  });

  it.full(
    'sees that rows of a directory are missing, which pg_restore does not',
    async function () {
      const { directory } = await made(this);
      for (const form of ['loose', 'directory']) {
        const copy = `${form}-cut`;
        await copyTree(join(directory, form), join(directory, copy));
        const file = largest(join(directory, copy));
        const isPacked = file.endsWith('.gz');
        const bytes = readFileSync(file);
        const rows = (isPacked ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
        const less = `${rows.slice(0, 100).join('\n')}\n`;
        writeFileSync(file, isPacked ? gzipSync(less) : less);
        const result = await drill(copy);
        expect(result.verdict).to.equal('fail');
        expect(result.reasons[0]).to.include('cut short');
        rmSync(file);
        const missing = await drill(copy);
        expect(missing.verdict).to.equal('fail');
        expect(codesOf(missing)).to.deep.equal(['load-failed']);
      }
    },
  );

  it.full('leaves open what it was not told, and what holds no rows', async function () {
    const { directory } = await made(this);
    const owned = await drill('owned.sql', COUNT);
    expect(owned.verdict).to.equal('inconclusive');
    expect(owned.reasons).to.have.length(1);
    expect(owned.reasons[0]).to.include('does not carry app: name them in backup.roles');
    const told = await drill('owned.sql', COUNT, ', roles: [app]');
    expect(told.verdict).to.equal('pass');
    const schema = await drill('schema');
    expect(schema.verdict).to.equal('inconclusive');
    expect(schema.reasons.join())
      .to.include('the schema alone')
      .and.include('all tables are empty');
    copyFileSync(join(directory, 'all.sql'), join(directory, 'wrong.sql'));
    const text = readFileSync(join(directory, 'wrong.sql'), 'utf8');
    writeFileSync(join(directory, 'wrong.sql'), text.replace('bigint', 'smallerint'));
    const wrong = await drill('wrong.sql');
    expect(wrong.verdict).to.equal('fail');
    expect(wrong.reasons[0]).to.include('smallerint');
  });
});

function largest(directory: string): string {
  const files = readdirSync(directory).filter((name) => /^\d+\.dat/.test(name));
  const sized = files.map((name) => ({ name, size: readFileSync(join(directory, name)).length }));
  return join(directory, sized.toSorted((one, two) => two.size - one.size)[0]!.name);
}
