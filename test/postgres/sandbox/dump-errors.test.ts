// What programs that load a dump say, and what of it speaks against the dump; and what they would
// not say of a file that ends too early.
import { expect } from 'chai';
import { it } from '../../support/commands.ts';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { cutShort, withFirstEntry } from '../../../src/postgres/sandbox/dump/whole.ts';
import { openDump } from '../../../src/postgres/sandbox/dump/open.ts';
import { restricted } from '../../../src/postgres/sandbox/dump/restricted.ts';
import { isDropOfNothing, isError, readErrors } from '../../../src/postgres/sandbox/dump/errors.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { failureOf } from '../../support/postgres/stored.ts';

const OF = 'pg_restore: error: could not execute query: ERROR:  ';
const PSQL = 'psql:<stdin>:19: ';

describe('the errors of a load', () => {
  it('speak against the dump', () => {
    const { checks, findings } = readErrors(`${PSQL}ERROR:  column "nosuch" does not exist`, null);
    expect(checks).to.deep.equal([]);
    expect(findings.map(({ code }) => code)).to.deep.equal(['load-failed']);
  });

  it('leave it open where it wanted something from another server', () => {
    for (const error of [
      'could not establish connection',
      'access to non-system foreign table is restricted',
    ]) {
      const { checks, findings } = readErrors(`${OF}${error}`, 'exit code 1');
      expect(findings, error).to.deep.equal([]);
      expect(checks.map(({ name, state }) => [name, state])).to.deep.equal([
        ['it stands alone', 'skipped'],
      ]);
    }
  });

  it('are told from what else is said, however much that is', () => {
    expect(isError(`${PSQL}ERROR:  column "nosuch" does not exist`)).to.equal(true);
    expect(isError(`${PSQL}WARNING:  it is odd`)).to.equal(false);
  });
});

describe('what pg_dump --clean drops', () => {
  const DUMP =
    "SET x = 'y';\n\nDROP TABLE s.t;\nDROP SCHEMA s;\n--\n-- Name: s; Type: SCHEMA\n--\n";
  const NONE = 'psql:<stdin>:3: ERROR:  schema "s" does not exist';

  it('ends where it begins to make something, wherever the file is cut in parts', async () => {
    const lines: number[] = [];
    for (let at = 1; at < DUMP.length; at += 1) {
      const parts = [DUMP.slice(0, at), DUMP.slice(at)].map((part) => Buffer.from(part));
      const all: Buffer[] = [];
      for await (const part of withFirstEntry(Readable.from(parts), (line) => lines.push(line))) {
        all.push(part);
      }
      expect(Buffer.concat(all).toString()).to.equal(DUMP);
    }
    expect(new Set(lines)).to.deep.equal(new Set([6]));
    expect(lines).to.have.length(DUMP.length - 1);
  });

  it('is no damage where nothing is there; any other error is, and a later one', () => {
    expect(isDropOfNothing(NONE, 6)).to.equal(true);
    expect(isDropOfNothing(NONE, null)).to.equal(true);
    expect(isDropOfNothing(NONE, 3)).to.equal(false);
    expect(isDropOfNothing('psql:<stdin>:3: ERROR:  permission denied', 6)).to.equal(false);
  });
});

describe('the commands of psql in a dump', () => {
  const HEAD = '\\restrict own\n\n-- Name: app; Type: DATABASE; Schema: -\n\\unrestrict own\n';
  const INSIDE = '-- Name: t; Type: TABLE; Schema: public\n\\connect app\n\\restrict x\n';
  const AFTER = '\\unrestrict key\n\\connect app\n\\restrict key\n\n';

  it('are refused but for the way into the database that it makes', async () => {
    const dump = `${HEAD}\\connect app\n\\restrict own\n${INSIDE}`;
    for (let at = 1; at < dump.length; at += 1) {
      const parts = [dump.slice(0, at), dump.slice(at)].map((part) => Buffer.from(part));
      const all: Buffer[] = [];
      for await (const part of restricted(Readable.from(parts), 'key', 'app')) all.push(part);
      const head = HEAD.replace('\\restrict own', '');
      const expected = `\\restrict key\n${head}${AFTER}${INSIDE}`;
      expect(Buffer.concat(all).toString()).to.equal(expected);
    }
    const said = `${PSQL}error: backslash commands are restricted; only \\unrestrict is allowed`;
    expect(readErrors(said, null).findings[0]!.text).to.contain('which is not run here');
    expect(readErrors(`${PSQL}error: \\unrestrict: wrong key`, null).findings).to.deep.equal([]);
  });
});

describe('the rows of a table in a dump', () => {
  it('have their end, and are cut short without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-dump-'));
    const never = new AbortController().signal;
    try {
      const problems = async (rows: string) => {
        writeFileSync(join(folder, '3400.dat'), rows);
        return (await cutShort(folder, 'directory', never)).length;
      };
      for (const whole of [
        '\\.\n\n\n',
        '1\n\\.\n\n\n',
        '\n\n',
        'INSERT INTO t VALUES (1);\n\n\n',
      ]) {
        expect(await problems(whole), whole).to.equal(0);
      }
      for (const cut of ['', '1\n2\n', 'INSERT INTO t VALU']) {
        expect(await problems(cut), cut).to.equal(1);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a file that is to be a dump', () => {
  it('is damaged where nothing of it can be read, and refused where it is no file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-dump-'));
    chmodSync(directory, 0o755);
    const identity = databaseIdentity();
    const opening = { directory, environment: process.env, variables: {}, identity };
    const open = (path: string) =>
      openDump({ kind: 'pg_dump', path, major: undefined, jobs: 1, roles: [] }, 'app', opening);
    try {
      writeFileSync(join(directory, 'noise.sql.gz'), 'no gzip at all', { mode: 0o644 });
      writeFileSync(join(directory, 'empty.sql.gz'), '', { mode: 0o644 });
      for (const path of ['noise.sql.gz', 'empty.sql.gz']) {
        expect(await open(path), path).to.include({ code: 'damaged-backup' });
      }
      execFileSync('mkfifo', [join(directory, 'pipe')]);
      const refused = await failureOf(open('pipe'));
      expect(refused).to.be.instanceOf(UserError);
      expect(refused.message).to.include('found neither a file nor a folder');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is unpacked no longer than there is time', async () => {
    const file = join(tmpdir(), `drill-dump-${process.pid}.sql.gz`);
    writeFileSync(file, gzipSync('-- PostgreSQL database dump complete'));
    const late = AbortSignal.abort(new Error('late'));
    try {
      expect((await failureOf(cutShort(file, 'sql', late))).message).to.equal('late');
    } finally {
      rmSync(file);
    }
  });
});
