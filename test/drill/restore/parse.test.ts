// Restore files: what is left out has a default, and what is wrong is told at its place.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parseRestore } from '../../../src/drill/restore/parse.ts';

const parse = (text: string) => parseRestore({ file: 'backup.yaml', bytes: Buffer.from(text) });
const problems = (text: string) => parse(text).diagnostics.map((each) => each.message);

const LEAST = 'restore: 1\nname: b\nbackup: { kind: basebackup, path: base }\n';

describe('a restore file', () => {
  it('needs no more than a backup', () => {
    const { restore, diagnostics } = parse(LEAST);
    expect(diagnostics).to.deep.equal([]);
    expect(restore).to.deep.include({
      checks: [{ kind: 'amcheck' }],
      targets: {},
      timeline: 'latest',
      user: 'postgres',
    });
  });

  it('is shipped as an example', () => {
    const text = readFileSync(new URL('../../../drills/attached/backup.yaml', import.meta.url));
    const { restore } = parse(text.toString('utf8'));
    expect(restore?.targets).to.deep.equal({ restore: 1_800_000, rpo: 3_600_000 });
    // What it has for other kinds, each in the place of the first.
    const lines = text.toString('utf8').split('\n');
    const own = lines.findIndex((line) => line.startsWith('  kind: '));
    const others = lines.flatMap((line, at) => (line.startsWith('  # kind: ') ? [at] : []));
    for (const at of others) {
      const end = lines.findIndex((line, index) => index > at && !/^ {2}# \w+: /.test(line));
      const next = others.find((each) => each > at) ?? end;
      const block = lines.slice(at, Math.min(next, end)).map((line) => line.replace('# ', ''));
      const other = [...lines.slice(0, own), ...block, ...lines.slice(end)].join('\n');
      expect(
        problems(other.replaceAll(/^ {2}(path|wal): \/backups\/(base|wal).*$/gm, '')),
      ).to.deep.equal([]);
    }
    expect(others).to.have.length(3);
  });

  it('is none where it is a drill, and says what the file is for', () => {
    expect(problems('drill: 1\nname: x\n')).to.deep.equal([
      'this is a drill, and no restore drill; try `drill run backup.yaml`',
    ]);
  });

  it('tells each value that is wrong', () => {
    const number = `restore: 1\nname: b\nbackup: { kind: basebackup, path: a, identifier: 12 }\n`;
    expect(problems(number)[0]).to.include('in quotes: "7438123456789012345"; got the number 12');
    expect(problems(`${LEAST}checks: [vacuum]\n`)[0]).to.include('expected amcheck, { freshness');
    expect(problems(`${LEAST}targets: { rpo: 5 }\n`)[0]).to.include('expected a duration');
    const table = `${LEAST}checks: [{ rows: { table: "a; drop table b", at_least: 1 } }]\n`;
    expect(problems(table)).to.have.length(1);
  });

  it('gives nothing up before its target', () => {
    expect(problems(`${LEAST}targets: { restore: 3h }\ndeadline: 2h\n`)).to.deep.equal([
      'expected targets.restore or more: what is given up before misses no target',
    ]);
    expect(parse(`${LEAST}targets: { restore: 3h }\n`).restore?.deadline).to.equal(10_800_000);
    expect(parse(`${LEAST}targets: { restore: 1h }\n`).restore?.deadline).to.equal(7_200_000);
  });

  it('is told of what its kind of backup has, and of no other', () => {
    const of = (backup: string) => problems(`restore: 1\nname: b\nbackup: { ${backup} }\n`);
    expect(of('kind: pgbackrest, path: a')).to.deep.equal(['this key is required and missing']);
    expect(of('kind: barman, path: a, wal: b')[0]).to.include('wal');
    expect(of('kind: wal-g, path: a')[0]).to.include(
      'expected basebackup or pgbackrest or barman or pg_dump, got "wal-g"',
    );
    const secret = of('kind: pgbackrest, path: a, stanza: b, passphrase: hunter2');
    expect(secret[0]).to.include('{ env: NAME }').and.not.include('hunter2');
    expect(of('kind: pgbackrest, path: a, stanza: --x')[0]).to.include('the name of a stanza');
  });
});
