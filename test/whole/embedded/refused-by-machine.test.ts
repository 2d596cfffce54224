// What the machine refuses: a full disk, a read-only file system, no permission, no free port, a
// clock that is set. Each place that a run writes to, by the program itself, in namespaces of its
// own: the message says what and where and what to do, the exit code whose it is, nothing is left.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findUser, ownUid } from '../../../src/host/users.ts';
import { it } from '../../support/commands.ts';
import { requirePart } from '../../support/require.ts';
import { orphanedSegments, ROOT, Workplace } from '../../support/whole/drill-cli.ts';

const COMMAND = join(ROOT, 'bin', 'drill.js');
const BEGUN = 'grep -qs workload.started .drill/runs/*/journal.ndjson';

interface Case {
  /** Below the workplace; what is done to it stands in `how`. */
  readonly folder: string;
  readonly environment?: Record<string, string>;
  readonly args?: readonly string[];
  readonly says: readonly RegExp[];
}

const REPORT = ['--reporter', 'junit=reports/drill.xml'];

/** Each place that a run writes to, and what is said of it, whatever keeps it from writing there. */
const places = (why: string): Case[] => [
  { folder: '.drill/runs', says: [new RegExp(`run directory .*${why}`), /try: --out DIR/] },
  {
    folder: 'temporary',
    environment: { TMPDIR: 'temporary' },
    says: [new RegExp(`TMPDIR=.*that this user can write.*${why}`), /another directory: TMPDIR=/],
  },
  {
    folder: 'cache',
    environment: { DRILL_CACHE: 'cache' },
    says: [new RegExp(`DRILL_CACHE=.*this user alone can write, found .*${why}`), /or unset it/],
  },
  { folder: 'reports', args: REPORT, says: [new RegExp(`--reporter: cannot write .*${why}`)] },
];

const FULL: readonly Case[] = [
  { folder: '.drill/runs', says: [/files of the run in .*ENOSPC/, /make room, or .* --out DIR/] },
  {
    folder: 'temporary',
    environment: { TMPDIR: 'temporary' },
    says: [/\d+ MB free in .*temporary|No space left on device/, /TMPDIR/],
  },
  {
    folder: 'cache',
    environment: { DRILL_CACHE: 'cache' },
    says: [/200 MB free in .*cache, found \d+ MB/, /DRILL_CACHE=/],
  },
];

describe('a machine that refuses something', function () {
  this.timeout(90_000);
  let all: Workplace[];

  beforeEach(function () {
    requirePart(this, 'superuser', ownUid() === 0, 'only root makes namespaces and file systems');
    all = [];
  });
  afterEach(() => {
    const left = all.flatMap((place) => [
      ...place.leftBehind(),
      ...orphanedSegments(place.postmasters()),
    ]);
    for (const place of all) place.remove();
    expect(left).to.deep.equal([]);
  });

  /** One run in a workplace of its own; `how` has the folder as `$at`. */
  const run = async ({ folder, environment = {}, args = [] }: Case, how: string, user = false) => {
    const nobody = user ? findUser('nobody') : null;
    const place = new Workplace(undefined, nobody);
    all.push(place);
    if (!user) chmodSync(place.directory, 0o755); // the databases' user passes through
    const at = join(place.directory, folder);
    mkdirSync(at, { recursive: true, mode: 0o755 });
    const ids = `--reuid ${nobody?.uid} --regid ${nobody?.gid} --clear-groups`;
    const script = `
      at='${at}'; drill() { ${user ? `setpriv ${ids} --` : ''} '${process.execPath}' '${COMMAND}' "$@"; }
      ip link set lo up
      ${how}
      code=$?; if [ "$TMPDIR" = "$at" ]; then ls -A "$at"; fi; exit $code`;
    const own = Object.entries(environment).map(([name, path]) => [
      name,
      join(place.directory, path),
    ]);
    const namespaces = ['--mount', '--net', '--propagation', 'private'];
    const quiet = ['run', 'drill.yaml', '--quiet', ...args];
    const child = spawn('unshare', [...namespaces, 'bash', '-c', script, 'bash', ...quiet], {
      cwd: place.directory,
      env: {
        ...process.env,
        NO_COLOR: '1',
        ...(user ? { HOME: place.directory } : {}),
        ...Object.fromEntries(own),
      },
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, text, place };
  };

  const expectAll = async (cases: readonly Case[], how: string, user = false) => {
    const ended = await Promise.all(cases.map((each) => run(each, how, user)));
    for (const [at, { code, text }] of ended.entries()) {
      const { folder, says } = cases[at]!;
      expect(code, `${folder}: ${text}`).to.equal(4);
      expect(text, folder).not.to.match(/^\s+at .*:\d+|A bug in drill/m);
      for (const words of says) expect(text.replaceAll(/\s+/g, ' '), folder).to.match(words);
      expect(text, 'left in TMPDIR').not.to.match(/^drill-/m);
    }
    return ended;
  };

  it('says where a file system is read-only', async () => {
    const how = 'mount --bind "$at" "$at"; mount -o remount,bind,ro "$at"; drill "$@"';
    await expectAll(places('EROFS'), how);
  });

  it('says where this user has no permission', async () => {
    await expectAll(places('(EACCES|belongs to uid 0)'), 'drill "$@"', true);
  });

  it('says where a disk is full from the start', async () => {
    await expectAll(FULL, 'mount -t tmpfs -o size=12k,mode=755 tmpfs "$at"; drill "$@"');
  });

  it.full('says that there are no free ports', async () => {
    const few = (ports: number) =>
      `echo 40000 ${40_000 + ports} > /proc/sys/net/ipv4/ip_local_port_range; drill "$@"`;
    const one = {
      folder: 'none',
      says: [/a free port for each connection/, /ip_local_port_range/],
    };
    await Promise.all([3, 7].map(async (ports) => await expectAll([one], few(ports))));
  });

  // What fails while a drill goes on, once its clients have begun.
  const begun = (then: string) =>
    `drill "$@" & while kill -0 $! && ! ${BEGUN}; do sleep 0.1; done; ${then}; wait $!`;
  const READ_ONLY = 'mount --bind "$at" "$at"; mount -o remount,bind,ro "$at"';

  it.full('says where the folder of a run becomes read-only while it goes on', async () => {
    const says = [/the files of the run in .*EROFS/, /mount it for writing/];
    await expectAll([{ folder: '.drill/runs', says }], begun(READ_ONLY));
  });

  it.full('says where the folder of a run is closed to its user while it goes on', async () => {
    const says = [/the files of the run in .*EACCES/, /ls -ld/];
    for (const mode of ['555', '000']) {
      const closed = begun(`chmod ${mode} .drill/runs/2*`);
      const [ended] = await expectAll([{ folder: 'none', says }], closed, true);
      for (const directory of ended!.place.runs()) chmodSync(directory, 0o755);
    }
  });

  it.full(
    'says where the disk of the databases becomes read-only, and drill clean ends it',
    async () => {
      const temporary = { folder: 'temporary', environment: { TMPDIR: 'temporary' } };
      const says = [/West\/postgres: .*Read-only file system/, /Mount it for writing/, /cleaned/];
      const how = begun(READ_ONLY).replace(
        'wait $!',
        'wait $!; code=$?; umount "$at"; drill clean; (exit $code)',
      );
      await expectAll([{ ...temporary, says }], how);
    },
  );

  it.full(
    'says where a disk has no room for one more file, and is cleaned up all the same',
    async () => {
      const temporary = { folder: 'temporary', environment: { TMPDIR: 'temporary' } };
      const fill = 'i=0; while : > "$at/f$i"; do i=$((i+1)); done 2> /dev/null';
      const how = `mount -t tmpfs -o size=2G,mode=1777,nr_inodes=1500 tmpfs "$at"; ${begun(fill)}`;
      const says = [/a disk that takes what is written.*No space left on device/, /make room/i];
      const [ended] = await expectAll([{ ...temporary, says }], how);
      expect(ended!.place.result().cleanup).to.deep.equal({ clean: true, left: [] });
    },
  );

  it.full('says that a report could not be written, and keeps no green one', async () => {
    const folder = 'reports';
    const full = 'dd if=/dev/zero of="$at/fill" bs=1k count=100 2>/dev/null';
    const how = `mount -t tmpfs -o size=12k,mode=755 tmpfs "$at"; ${begun(full)}; code=$?
      cat "$at/drill.xml"; (exit $code)`;
    const says = [/PASS short/, /the reporter "junit" failed .*ENOSPC/, /<error/];
    await expectAll([{ folder, args: REPORT, says }], how);
  });

  it.full('says that the clock was set back: inconclusive', async () => {
    const how = `cat > set-back.mjs <<'END'
        const real = Date.now;
        const from = real();
        Date.now = () => real() - (real() > from + 3000 ? 3600000 : 0);
END
      NODE_OPTIONS="--import=$PWD/set-back.mjs" drill "$@"`;
    const { code, text } = await run({ folder: 'none', says: [] }, how);
    expect(text).to.match(/^ {2}The clock jumped (1 h 00 m|60 m) backwards during the run\.$/m);
    expect(code).to.equal(3);
  });
});
