// `drill clean` on a system of somebody's own: a command that nobody has agreed to is not run,
// whatever the log of a run says.
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnPlan } from '../../../src/drill/own-plan.ts';
import { makeConsent, withSystemConsent } from '../../../src/drill/consent/consent.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { sha256 } from '../../../src/host/sha256.ts';
import { performUndo } from '../../../src/topology/undo.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { hangUp, startTcpServer, type TcpServer } from '../../support/servers/tcp.ts';

describe('the undo of a command', () => {
  let directory: string;
  let made: string;
  /** Takes connections, as a server does that is back. */
  let server: TcpServer;
  beforeEach(async () => {
    server = await startTcpServer(hangUp);
    directory = mkdtempSync(join(tmpdir(), 'drill-own-undo-'));
    made = join(directory, 'made');
  });
  afterEach(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const plan = () => {
    const { port } = server;
    const [db1, db2] = [port, port].map((each) => `postgres://drill@127.0.0.1:${each}/app`);
    const drill = ownDrill({ databases: { 'east/db1': db1!, 'west/db2': db2! } });
    return planOf(
      drill
        .replaceAll('./on.sh, db1', `touch, ${made}`)
        .replace('undo:', 'takes_at_most: 1s, undo:'),
    );
  };
  const write = (written: object) =>
    writeFileSync(runFile(directory, 'plan'), JSON.stringify(written));
  const undo = async (
    command: readonly string[],
    disarm: readonly string[] | null = null,
    told: { readonly cwd?: string } = {},
  ) => {
    const own = { run: 'r', directory, place: directory, scratch: null };
    const effect = { undo: 'command', title: 'it', command, disarm, at_most_ms: 5_000, ...told };
    const environment = { PATH: process.env['PATH'] };
    return await performUndo(effect, { environment, own, system: null });
  };
  const agreed = () => {
    const planned = plan();
    if (!isOwnPlan(planned)) throw new Error('it is a system that drill makes');
    const at = new Date(0).toISOString(); // what has ended is undone all the same
    const facts = { by: 'ada', at, until: at, allow: [], system_identifier: '7', identity: null };
    return withSystemConsent(planned, makeConsent(planned, facts, sha256));
  };

  it('is run where the consent names it', async () => {
    write(agreed());
    expect(await undo(['touch', made])).to.deep.equal([]);
    expect(existsSync(made)).to.equal(true);
  });

  it('counts only where it is seen: that it ended with 0 is not enough', async () => {
    write(agreed());
    await server.close();
    expect(await undo(['touch', made])).to.deep.equal(['"it" was undone, and is not seen to be']);
    expect(existsSync(made)).to.equal(true);
  });

  it('is run in its own folder, and in no other that has a script of that name', async () => {
    const command = ['touch', 'made-here'];
    made = 'made-here';
    write(agreed());
    const elsewhere = mkdtempSync(join(tmpdir(), 'drill-elsewhere-'));
    expect((await undo(command, null, { cwd: elsewhere })).join()).to.contain('call drill clean');
    rmSync(elsewhere, { recursive: true });
    expect(await undo(command, null, { cwd: tmpdir() })).to.deep.equal([]);
    const where = join(tmpdir(), 'made-here');
    expect(existsSync(where)).to.equal(true);
    rmSync(where);
  });

  it('is not run where it names another one, or another use of it', async () => {
    write(agreed());
    expect((await undo(['touch', `${made}-other`])).join()).to.match(/nobody has agreed to it/);
    expect((await undo(['./off.sh', 'db1'])).join()).to.match(/nobody has agreed to it/);
    expect((await undo(['touch', made], ['touch', made])).join()).to.match(
      /nobody has agreed to it/,
    );
    expect(existsSync(made)).to.equal(false);
  });

  it('is not run where nobody has agreed to anything', async () => {
    write(plan());
    expect((await undo(['touch', made])).join()).to.match(/nobody has agreed to it/);
    expect(existsSync(made)).to.equal(false);
  });
});
