// What tools say of their backups, as their versions of Debian 12 wrote it, and which one is meant;
// and an archive as it was at one moment, whatever its segments are packed with.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { restoreCommand } from '../../../src/postgres/restore/restore-target.ts';
import { momentOf, startOf } from '../../../src/postgres/sandbox/moment.ts';
import { viewFiles } from '../../../src/postgres/sandbox/source/archive-view.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';
import { failureOf } from '../../support/postgres/stored.ts';
import { chosenOf, parseBackupInfo } from '../../../src/postgres/sandbox/source/barman-info.ts';
import { openPgbackrest } from '../../../src/postgres/sandbox/source/pgbackrest.ts';
import { chosenBackup, parseInfo } from '../../../src/postgres/sandbox/source/pgbackrest-info.ts';

const INFO = `[{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1"}],"backup":[
{"archive":{"start":"000000010000000000000004","stop":"000000010000000000000005"},
"database":{"id":1,"repo-key":1},"error":false,"info":{"delta":1712394,"size":32168232},
"label":"20261130-041552F_20261130-041606I","lsn":{"start":"0/4000028","stop":"0/5000050"},
"timestamp":{"start":1796012166,"stop":1796012168},"type":"incr"},
{"archive":{"start":"000000010000000000000002","stop":"000000010000000000000002"},
"database":{"id":1,"repo-key":1},"error":true,"info":{"delta":32078120,"size":32078120},
"label":"20261130-041552F","lsn":{"start":"0/2000028","stop":"0/2000100"},
"timestamp":{"start":1796012152,"stop":1796012164},"type":"full"}],"cipher":"none",
"db":[{"id":1,"repo-key":1,"system-id":7713813432531711596,"version":"15"}],"name":"demo",
"status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}}]`;

const BARMAN = `backup_label='START WAL LOCATION: 0/3000028 (file 000000010000000000000003)\\n'
begin_xlog=0/3000028
end_time=2026-11-30 04:16:46.344293+00:00
end_xlog=0/3000100
mode=rsync-concurrent
status=DONE
systemid=7713813626848916153
tablespaces=None
timeline=1
`;

describe('backups of tools', () => {
  it('of pgBackRest: the newest is meant, with all digits of its cluster', () => {
    const backups = parseInfo(INFO, 'demo');
    if (typeof backups === 'string') throw new Error(backups);
    const newest = chosenBackup(backups, undefined);
    expect(newest).to.deep.equal({
      label: '20261130-041552F_20261130-041606I',
      bytes: 32168232,
      system: '7713813432531711596',
      archive: '15-1',
      first: '000000010000000000000004',
      range: { timeline: 1, lsn: '0/4000028', end_lsn: '0/5000050' },
      pageErrors: false,
      hasTablespaces: false,
    });
    expect(chosenBackup(backups, '20261130-041552F')).to.deep.include({ pageErrors: true });
    expect(chosenBackup(backups, 'x')).to.include('no backup x; there are 20261130-041552F, ');
    expect(chosenBackup([], undefined)).to.equal('there is no backup');
    expect(parseInfo(INFO, 'other')).to.equal('it is not named');
    const broken = INFO.replace('"code":0', '"code":3').replace('"ok"', '"missing stanza data"');
    expect(parseInfo(broken, 'demo')).to.equal('missing stanza data');
    expect(parseInfo('ERROR', 'demo')).to.equal('it is not JSON: ERROR');
    const spaces = INFO.replace('"type":"incr"', '"type":"incr","tablespace":[{"name":"ts"}]');
    const [, own] = parseInfo(spaces, 'demo');
    expect(own).to.deep.include({ hasTablespaces: true });
  });

  it('of Barman: the newest that is whole is meant', () => {
    const old = parseBackupInfo('20261130T041640', BARMAN);
    expect(old).to.deep.include({
      system: '7713813626848916153',
      range: { timeline: 1, lsn: '0/3000028', end_lsn: '0/3000100' },
      hasTablespaces: false,
    });
    const later = BARMAN.replace('04:16:46', '05:00:00');
    const failed = parseBackupInfo('20261130T060000', later.replace('DONE', 'FAILED'));
    const waiting = parseBackupInfo('20261130T050000', later.replace('DONE', 'WAITING_FOR_WALS'));
    expect(chosenOf([waiting, failed, old])).to.equal(waiting);
    expect(chosenOf([waiting, failed, old], '20261130T041640')).to.equal(old);
    expect(chosenOf([failed])).to.include('20261130T060000 (FAILED)');
  });

  it('says what is missing: the program, or the stanza', async () => {
    const place = mkdtempSync(join(tmpdir(), 'drill-repo-'));
    mkdirSync(join(place, 'backup', 'main'), { recursive: true });
    const stated = { kind: 'pgbackrest', path: place, jobs: 1, identifier: undefined } as const;
    const opening = { directory: place, environment: { PATH: '' }, variables: {} };
    const open = (stanza: string) =>
      failureOf(
        openPgbackrest({ ...stated, stanza }, { ...opening, identity: databaseIdentity() }),
      );
    try {
      const none = await open('main');
      expect(none).to.be.instanceOf(EnvironmentError);
      expect((none as EnvironmentError).problem.hint).to.equal('apt-get install pgbackrest');
      expect((await open('demo')).message).to.include(
        `expected the stanza demo in the repository ${place}, found stanza main`,
      );
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('an archive is seen as it was, and each segment comes as it was written', () => {
    const place = mkdtempSync(join(tmpdir(), 'drill-view-'));
    try {
      const name = (digit: number) => `00000001000000000000000${digit}`;
      writeFileSync(join(place, name(1)), 'plain');
      writeFileSync(join(place, name(2)), gzipSync('packed'));
      writeFileSync(join(place, `${name(3)}.partial`), 'begun');
      const files = [name(1), name(2), `${name(3)}.partial`, 'xlog.db'];
      const view = viewFiles(
        join(place, "it's"),
        files.map((file) => ({ name: file, path: join(place, file) })),
      );
      expect([...view.packed]).to.deep.equal([name(2)]);
      expect(view.programs).to.deep.equal(['gzip']);
      writeFileSync(join(place, `${name(3)}.partial`), 'begun, and more came');
      const partial = readFileSync(join(view.directory, `${name(3)}.partial`), 'utf8');
      expect(partial).to.equal('begun');
      const command = restoreCommand(view.directory, view.get!(''));
      for (const [digit, text] of [
        [1, 'plain'],
        [2, 'packed'],
      ] as const) {
        const target = join(place, `got-${digit}`);
        const words = command.replaceAll('%f', name(digit)).replaceAll('%p', target);
        execFileSync('sh', ['-c', words]);
        expect(readFileSync(target, 'utf8')).to.equal(text);
      }
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

describe('when a backup was begun', () => {
  it('is known in UTC or with digits, and a span where letters name the zone', () => {
    const exact = (started_at: string) => ({ started_at, started_until: null });
    for (const zone of ['UTC', 'GMT']) {
      const start = startOf(`2026-11-30 09:12:06 ${zone}`);
      expect(start, zone).to.deep.equal(exact('2026-11-30T09:12:06.000Z'));
    }
    for (const zone of ['+08', '+0800', '+08:00']) {
      const start = startOf(`2026-11-30 17:12:06 ${zone}`);
      expect(start, zone).to.deep.equal(exact('2026-11-30T09:12:06.000Z'));
    }
    for (const zone of ['CST', 'PST', 'IST', '']) {
      expect(startOf(`2026-11-30 17:12:06 ${zone}`), zone).to.deep.equal({
        started_at: '2026-11-30T03:12:06.000Z',
        started_until: '2026-12-01T05:12:06.000Z',
      });
    }
    for (const none of ['today', undefined]) expect(startOf(none)).to.deep.include(exact(null!));
  });

  it('is told from a time of SQL only where it has its zone', () => {
    const at = Date.parse('2026-11-30T00:42:06.125Z');
    expect(momentOf('2026-11-30 06:12:06.125+05:30')).to.equal(at);
    expect(momentOf('2026-11-29 21:12:06.125-03:30')).to.equal(at);
    expect(momentOf('2026-11-30T00:42:06.125Z')).to.equal(at);
    for (const none of ['2026-11-30 06:12:06', '2026-11-30', '2026', 'infinity', '1796012166']) {
      expect(momentOf(none), none).to.equal(null);
    }
  });
});
