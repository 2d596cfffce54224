// `--keep`: a system that stays up after its run, reached as the result says, and brought down by
// `drill clean`.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { KeptNode } from '../../../src/evidence/event.ts';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { resolveService } from '../../../src/gslb/resolver.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { findProgram } from '../../support/find-program.ts';
import { runMeasured } from '../../support/whole/run-measured.ts';
import { sharedMemoryOf, stillThere } from '../../support/system/shared-memory-of.ts';
import { it } from '../../support/commands.ts';

const sh = promisify(execFile);
const TOO_TIGHT = ['--set', 'targets.rto=100ms'];

describe('a run with --keep', function () {
  this.timeout(120_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(async () => {
    await place.run(['clean', '--kept']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  const keep = (when: string, ...more: string[]) =>
    runMeasured(place, ['run', 'drill.yaml', '--reporter', 'plain', '--keep', when, ...more]);

  it('always leaves a system that every printed command reaches, until drill clean', async () => {
    const { code, stdout, stderr } = await keep('always');
    expect(code, stdout + stderr).to.equal(0);
    const { kept, cleanup } = place.result();
    expect(cleanup).to.include({ clean: true });
    const nodes = ['west/postgres', 'west/app-1', 'gslb', 'proxy'];
    expect(kept.map(({ node }) => node)).to.have.members(nodes);
    for (const node of kept) {
      expect(stdout, `what is printed of ${node.node}`).to.contain(node.url);
      await reach(node);
    }
    const passfile = join(place.runs().at(-1)!, 'pgpass');
    expect(statSync(passfile).mode & 0o777).to.equal(0o600);
    const password = readFileSync(passfile, 'utf8').trim().split(':').at(-1)!;
    expect(stdout + stderr + JSON.stringify(place.result())).not.to.contain(password);

    const held = sharedMemoryOf(place.processes());
    const again = await place.run(['clean']);
    expect(again.stdout, 'without being asked for it').to.contain('left running on request');
    expect(place.leftBehind()).not.to.deep.equal([]);
    const cleaned = await place.run(['clean', 'latest']);
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(place.leftBehind()).to.deep.equal([]);
    expect(stillThere(held)).to.deep.equal([]);
  });

  it.full('on-failure keeps the system of a drill that failed', async () => {
    const { code, stdout, stderr } = await keep('on-failure', ...TOO_TIGHT);
    expect(code, stdout + stderr).to.equal(1);
    const { kept } = place.result();
    expect(kept.map(({ node }) => node)).to.include('west/postgres');
    for (const node of kept) await reach(node);
    const cleaned = await place.run(['clean', 'latest']);
    expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  it.full('on-failure keeps nothing of a drill that passed', async () => {
    const { code, stdout, stderr } = await keep('on-failure');
    expect(code, stdout + stderr).to.equal(0);
    expect(place.result().kept).to.deep.equal([]);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  /**
   * As the printed command does it; by other means where the machine lacks the command's program.
   */
  async function reach({ node, url, connect }: KeptNode): Promise<void> {
    const program = /(?:^|' )(psql|curl|dig) /.exec(connect)?.[1];
    expect(program, connect).to.be.a('string');
    const { hostname, port, username, pathname } = new URL(url);
    const shell = async (command: string) =>
      (await sh('/bin/sh', ['-c', command], { cwd: place.directory })).stdout;
    const isHere = findProgram(program!) !== null;
    if (node.endsWith('/postgres')) {
      const passfile = /PGPASSFILE='([^']+)'/.exec(connect)![1]!;
      if (isHere) {
        expect(Number(await shell(`${connect} -Atc 'select count(*) from orders'`))).to.be.above(0);
      }
      const password = readFileSync(passfile, 'utf8').trim().split(':').at(-1)!;
      const database = pathname.slice(1);
      const to = { host: hostname, port: Number(port), user: username, password, database };
      const client = new Client(to);
      await client.connect();
      const { rows } = await client.query('select pg_is_in_recovery() as is_standby');
      await client.end();
      expect(rows).to.deep.equal([{ is_standby: false }]);
    } else if (node === 'gslb') {
      const { addresses } = await resolveService(
        { host: hostname, port: Number(port) },
        ORDERS_SERVICE,
        { timeout_ms: 2_000 },
      );
      expect(addresses).to.have.length.at.least(1);
      if (isHere) expect(await shell(connect)).to.contain('SRV');
    } else if (node === 'proxy') {
      // The token of the built-in one is in a file, and not in what is printed.
      if (isHere) expect(await shell(connect)).to.contain('clients-west');
    } else {
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
      if (isHere) await shell(`${connect} --fail --silent`);
    }
  }
});
