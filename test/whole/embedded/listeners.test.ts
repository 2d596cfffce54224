// What a run on this machine shows to others: where its processes listen, whose they are, and who
// may read its files.
import { expect } from 'chai';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Workplace, type RunningDrill } from '../../support/whole/drill-cli.ts';

/** A port at which something listens, by the number of its socket. */
interface Listener {
  readonly inode: string;
  readonly address: string;
}

const LISTENS = '0A';
const UNCONNECTED = '07';

function listenersIn(table: string): Listener[] {
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    const isOpen = state === (table.startsWith('tcp') ? LISTENS : UNCONNECTED);
    return isOpen ? [{ inode, address: local }] : [];
  });
}

/** The sockets that a process holds. */
function socketsOf(pid: number): string[] {
  const place = `/proc/${pid}/fd`;
  return orNone(() => readdirSync(place)).flatMap((fd) =>
    orNone(() => /^socket:\[(\d+)\]$/.exec(readlinkSync(join(place, fd)))?.slice(1) ?? []),
  );
}

/** Nothing where it has ended meanwhile. */
function orNone(look: () => string[]): string[] {
  try {
    return look();
  } catch {
    return [];
  }
}

/** `node …/gslb/main.js` → its user's id. */
function ownersOf(pids: readonly number[]): Map<string, number> {
  const named = pids.flatMap((pid): [string, number][] => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
      const name = /\/(app|gslb|workload|repository|proxy)\/main\.js/.exec(command)?.[1];
      const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
      return name === undefined ? [] : [[name, Number(uid)]];
    } catch {
      return [];
    }
  });
  return new Map(named);
}

describe('a run on this machine', function () {
  this.timeout(90_000);

  before(function () {
    if (process.platform !== 'linux') this.skip(); // the tables of the kernel
  });

  let place: Workplace;
  let run: RunningDrill;

  before(() => {
    place = new Workplace();
    // Without toxiproxy-server: drill's own proxy.
    run = place.start(['run', 'drill.yaml', '--reporter', 'plain'], { PATH: '/usr/bin:/bin' });
  });
  after(async () => {
    await run.ended;
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('listens on loopback only, and runs nothing as root that need not be', async () => {
    await run.event('the steady state', ({ event }) => event === 'steady.started');
    const pids = place.processes();
    const held = new Set(pids.flatMap(socketsOf));
    const listeners = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap(listenersIn);
    const own = listeners.filter(({ inode }) => held.has(inode));
    expect(own, 'apps, databases, proxies, GSLB').to.have.length.above(6);
    // 127.0.0.0/8, in the kernel's order of bytes.
    expect(own.filter(({ address }) => !/^[0-9A-F]{6}7F:/.test(address))).to.deep.equal([]);
    const owners = ownersOf(pids);
    const programs = ['app', 'gslb', 'workload', 'proxy'];
    expect([...owners.keys()]).to.include.members(programs);
    for (const name of programs) expect(owners.get(name), name).not.to.equal(0);
  });

  it('ends as ever, and shows nobody else its files', async () => {
    const { code, stdout } = await run.ended;
    expect(code, stdout).to.be.oneOf([0, 3]);
    const directory = place.runs().at(-1)!;
    const names = readdirSync(directory, { recursive: true }).map(String);
    const isShown = (name: string) => {
      const facts = lstatSync(join(directory, name));
      return facts.isFile() && (facts.mode & 0o077) !== 0;
    };
    expect(names).to.include.members(['plan.json', 'drill.yaml', 'result.json']);
    expect(names.filter(isShown)).to.deep.equal([]);
  });
});
