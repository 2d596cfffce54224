// `drill up`, `drill run --against` and `drill down`, as a user types them.
import { expect } from 'chai';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import type { KeptNode } from '../../../src/evidence/event.ts';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { RUN_HEADER } from '../../../src/host/http.ts';
import { resolveService } from '../../../src/gslb/resolver.ts';
import { SHORT_DRILL, Workplace, type Ended } from '../../support/whole/drill-cli.ts';
import { TOO_BUSY } from '../../support/whole/run-measured.ts';
import { sharedMemoryOf, stillThere } from '../../support/system/shared-memory-of.ts';
import { it } from '../../support/commands.ts';

interface Up {
  readonly run: string;
  readonly directory: string;
  readonly parts: readonly KeptNode[];
}

const text = ({ stdout, stderr }: Ended) => stdout + stderr;

/** Not once more: what was drilled is no whole system any longer. A busy machine is no failure. */
function expectDrilled(place: Workplace, ended: Ended): void {
  const { verdict, reasons } = place.result();
  const isBusy = verdict === 'inconclusive' && reasons.every((reason) => TOO_BUSY.test(reason));
  if (!isBusy) expect(ended.code, text(ended)).to.equal(0);
}

async function bringUp(place: Workplace): Promise<Up> {
  const ended = await place.run(['up', 'drill.yaml', '--json']);
  expect(ended.code, text(ended)).to.equal(0);
  return JSON.parse(ended.stdout) as Up;
}

const urlOf = ({ parts }: Up, node: string) => parts.find((part) => part.node === node)!.url;

/** The orders of the region, read past everything else. */
async function orders({ directory, parts }: Up, node: string): Promise<number> {
  const { hostname, port, username, pathname } = new URL(
    parts.find((part) => part.node === node)!.url,
  );
  const lines = readFileSync(join(directory, 'pgpass'), 'utf8').trim().split('\n');
  const password = lines
    .find((line) => line.includes(`:${port}:`))!
    .split(':')
    .at(-1)!;
  const database = pathname.slice(1);
  const client = new Client({
    ...{ host: hostname, port: Number(port), user: username, password, database },
  });
  await client.connect();
  const { rows } = await client.query<{ count: string }>('select count(*) from orders');
  await client.end();
  return Number(rows[0]?.count);
}

const order = (system: Up, writer: number) =>
  fetch(`${urlOf(system, 'clients-east/app-1')}/orders`, {
    method: 'POST',
    headers: { [RUN_HEADER]: system.run },
    body: JSON.stringify({ writer, sequence: 1, payload: 'by hand' }),
  });

describe('a system that drill up leaves running', function () {
  this.timeout(120_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(async () => {
    await place.run(['clean']);
    await place.run(['down', '--all']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('is reached at every part, replicates, and goes without a trace', async () => {
    const none = await place.run(['run', 'drill.yaml', '--against', 'latest']);
    expect(none.code, text(none)).to.equal(2);
    const ended = await place.run(['up', 'drill.yaml']);
    expect(ended.code, text(ended)).to.equal(0);
    const run = place.runs().at(-1)!;
    const id = basename(run);
    for (const said of ['PGPASSFILE=', 'curl ', 'dig ', `down ${id}`, `--against ${id}`, 'logs']) {
      expect(ended.stdout).to.contain(said);
    }
    expect(statSync(join(run, 'system.json')).mode & 0o777).to.equal(0o600);
    const system = JSON.parse(readFileSync(join(run, 'system.json'), 'utf8')) as {
      readonly parts: { readonly admin: { readonly password: string } };
    };
    expect(text(ended)).not.to.contain(system.parts.admin.password);
    const runs = await place.run(['list', 'runs']);
    expect(runs.stdout).to.match(new RegExp(`${id} .* up$`, 'm'));

    const shown = await place.run(['show', id]);
    expect([shown.code, shown.stdout]).to.have.nested.property('[0]', 0);
    expect(shown.stdout).to.contain('PGPASSFILE=');

    const held = sharedMemoryOf(place.processes());
    const down = await place.run(['down', 'latest']);
    expect(down.code, text(down)).to.equal(0);
    expect(down.stdout).to.contain(`${id}: down`).and.to.contain('database ');
    expect(place.leftBehind()).to.deep.equal([]);
    expect(stillThere(held)).to.deep.equal([]);
    const again = await place.run(['down', id]);
    expect([again.code, again.stdout]).to.deep.equal([0, `${id}: nothing of it is up\n`]);
    const gone = await place.run(['run', 'drill.yaml', '--against', 'latest']);
    expect(gone.code, text(gone)).to.equal(4);
    expect(gone.stderr).to.contain('is not up');
  });

  it.full('survives a drill whose runner is killed, and the next one finds it whole', async () => {
    const system = await bringUp(place);
    const args = ['run', 'drill.yaml', '--against', system.run, '--reporter', 'plain'];
    const first = place.start([...args, '--set', 'steady.for=20s']);
    await first.event('steady state', ({ event }) => event === 'steady.started');
    const other = await place.run(args);
    expect(other.code, text(other)).to.equal(4);
    expect(place.result().reasons.join()).to.contain('that nobody else works on it');
    const busy = await place.run(['down', system.run]);
    expect([busy.code, busy.stdout]).to.have.nested.property('[0]', 4);
    expect(busy.stdout).to.contain('in use by run');
    first.child.kill('SIGKILL');
    await first.ended;
    const cleaned = await place.run(['clean']);
    expect(cleaned.code, text(cleaned)).to.equal(0);
    expectDrilled(place, await place.run(args));
  });

  it('does not stay when Ctrl-C comes half-way', async () => {
    const started = place.start(['up', 'drill.yaml']);
    await started.event('a database', ({ event }) => event === 'node.started');
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.code, text(ended)).to.equal(130);
    expect(place.leftBehind()).to.deep.equal([]);
  });

  it('does not stay when a part is missing: what, and what to type', async () => {
    const ended = await place.run(['up', 'drill.yaml'], { DRILL_PG_BIN: place.directory });
    expect(ended.code, text(ended)).to.equal(4);
    expect(ended.stderr).to.contain('found:    no postgres in').and.to.contain('npm ci');
    expect(place.leftBehind()).to.deep.equal([]);
  });
});

describe('a system that is up', function () {
  this.timeout(120_000);
  let place: Workplace;
  let system: Up;

  before(async () => {
    place = new Workplace();
    system = await bringUp(place);
  });
  after(async () => {
    await place.run(['down', '--all']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('takes orders in one region, has them in both, and answers over DNS', async () => {
    expect((await order(system, 7)).status).to.equal(201);
    expect(await orders(system, 'east/postgres')).to.equal(1);
    const until = Date.now() + 5_000;
    while ((await orders(system, 'west/postgres')) < 1 && Date.now() < until);
    expect(await orders(system, 'west/postgres')).to.equal(1);
    const { hostname, port } = new URL(urlOf(system, 'gslb'));
    const gslb = { host: hostname, port: Number(port) };
    const { addresses } = await resolveService(gslb, ORDERS_SERVICE, { timeout_ms: 2_000 });
    expect(addresses).to.have.length(1);
  });

  it('is not drilled by a file that asks for another system', async () => {
    const other = SHORT_DRILL.replace('failures: 3', 'failures: 5').replace('short', 'other');
    writeFileSync(join(place.directory, 'other.yaml'), other);
    const runs = place.runs().length;
    const ended = await place.run(['run', 'other.yaml', '--against', 'latest']);
    expect(ended.code, text(ended)).to.equal(2);
    expect(ended.stderr).to.contain(
      'topology.gslb.failures: the drill asks for 5, the system has 3',
    );
    expect(place.runs()).to.have.length(runs);
  });

  it('is not drilled together with --keep', async () => {
    const keep = await place.run(['run', 'drill.yaml', '--against', 'latest', '--keep', 'always']);
    expect(keep.code, text(keep)).to.equal(2);
  });

  it('is drilled as if it had been made for it, counts exactly, and stays up', async () => {
    // An id of the drill's own workload, which would be taken for its write.
    for (const writer of [0, 1, 2]) expect((await order(system, writer)).status).to.equal(201);
    const args = ['run', 'drill.yaml', '--against', 'latest', '--reporter', 'plain'];
    const ended = await place.run(args);
    expectDrilled(place, ended);
    const result = place.result();
    expect(result.against).to.equal(system.run);
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
    expect(result.loss).to.include({ unexpected: 0, duplicated: 0, corrupt: 0 });
    expect(result.loss!.second).to.include({ agrees: true });
    expect(ended.stdout).to.contain(`down ${system.run}`);
    const emptied = place.events().find(({ event }) => event === 'stores.emptied');
    expect(emptied).to.include({ rows: 4 });
    const { kept, recovered } = result.loss!;
    expect(await orders(system, 'west/postgres')).to.equal(kept + recovered);
    expect((await fetch(`${urlOf(system, 'west/app-1')}/readyz`)).status).to.equal(200);

    const judged = await place.run(['judge', basename(place.runs().at(-1)!)]);
    expect(judged.code, text(judged)).to.equal(ended.code);
    const more = await place.run(args);
    expect(more.code, text(more)).to.equal(4);
    expect(place.result().reasons.join()).to.contain('region east is gone (last drilled by run');
  });
});
