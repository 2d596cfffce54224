// The password of one system is not tried on another: `drill clean` without a name enters a system
// of somebody's own only where it is clear that this shell has its password.
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeScratch } from '../../../src/engine/begin/scratch.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { cleanRuns } from '../../../src/session/clean.ts';
import { unaskedIn } from '../../../src/session/attached/unasked.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const PASSWORD = { IN_TEST: 'of the system in this folder' };
/** Where it lacks, that is told of a system that is entered. */
const ENTERED = 'expected the variable IN_TEST';
const GONE = { pid: 2 ** 22 + 1, started: '1' };
const KEY = '0123456789abcdef0123456789abcdef';

describe('a run in a system of somebody’s own, cleaned without being named', () => {
  let directory: string;
  let server: Server;
  let met = 0;
  beforeEach(async () => {
    met = 0;
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'drill-unasked-')));
    server = createServer((socket) => {
      met += 1;
      socket.on('error', () => {}).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const runsOf = (folder: string) => join(directory, folder, '.drill', 'runs');
  /** Its runner was killed; `database` tells one system from another. */
  const plant = (
    folder: string,
    id: string,
    { database = 'app', password = 'env: IN_TEST', told = {} } = {},
  ) => {
    const place = join(runsOf(folder), id);
    const scratch = join(directory, `drill-${id}`);
    mkdirSync(place, { recursive: true });
    makeScratch(scratch, { run: id, key: KEY, owner: GONE }, place);
    const { port } = server.address() as AddressInfo;
    const url = `postgres://drill@127.0.0.1:${port}/${database}`;
    const system = `password: { ${password} }`;
    const plan = planOf(ownDrill({ databases: { 'east/db1': url, 'west/db2': url }, system }));
    writeFileSync(runFile(place, 'plan'), JSON.stringify(plan));
    const owner = { undo: 'owner', run: id, owner: GONE, key: KEY, scratch };
    const lines = [owner, { undo: 'own-tables', ...told }].map(
      (each) => `${JSON.stringify(each)}\n`,
    );
    writeFileSync(runFile(place, 'undo'), lines.join(''));
    return place;
  };
  const clean = async (
    place: string,
    environment: Readonly<Record<string, string>>,
    unasked = unaskedIn(runsOf('here')),
  ) => {
    const [cleaned] = await cleanRuns([place], false, { environment }, unasked);
    const { outcome } = cleaned!;
    return outcome.state === 'cleaned' ? outcome.left.join() : outcome.state;
  };
  const ID = '20261130T020000Z-own-00aa';

  it('is left where it is not of this folder, with what to type and where', async () => {
    const left = await clean(plant('there', ID), PASSWORD);
    expect(left).to.include(`cd ${join(directory, 'there')}; drill clean ${ID}`);
    expect(met).to.equal(0);
  });

  it('is entered where it is of this folder', async () => {
    expect(await clean(plant('here', ID), {})).to.include(ENTERED);
  });

  it('is left where two systems of this folder have the same variable, and entered by name', async () => {
    plant('here', ID.replace('00aa', '00bb'), { database: 'another' });
    const place = plant('here', ID);
    expect(await clean(place, PASSWORD)).to.include(
      'IN_TEST is the password of more than one system',
    );
    expect(met).to.equal(0);
    expect(await clean(place, {}, () => null)).to.include(ENTERED);
  });

  it('is left where the plan of another run here cannot be read, as of a newer drill', async () => {
    const other = ID.replace('00aa', '00dd');
    writeFileSync(runFile(plant('here', other), 'plan'), '{"drill":99}');
    const place = plant('here', ID);
    expect(await clean(place, PASSWORD)).to.include(
      `IN_TEST may be the password of another system too, that of ${other}`,
    );
    expect(met).to.equal(0);
    expect(await clean(place, {}, () => null)).to.include(ENTERED);
  });

  it('has no password of a file that has the same name in this folder', async () => {
    const password = 'file: password.txt';
    const told = { cwd: join(directory, 'elsewhere') };
    const left = await clean(plant('there', ID, { password, told }), {}, () => null);
    expect(left).to.include(`its password is told in ${told.cwd}; call drill clean there`);
    const own = { cwd: join(directory, 'there') };
    const read = await clean(
      plant('there', ID.replace('00aa', '00cc'), { password, told: own }),
      {},
      () => null,
    );
    expect(read).to.include(`a file that can be read: ${join(own.cwd, 'password.txt')}`);
  });
});
