import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webhookServer } from '../../support/servers/webhook.ts';
import { gameDayVerb } from '../../../src/cli/verbs/gameday/gameday.ts';
import { runsDirectory } from '../../../src/archive/run-directory.ts';
import { claimDay, readDay } from '../../../src/gameday/day/day-files.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import { PLANTED_DAY } from '../../support/evidence/planted-day.ts';
import { GOOD, call, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

const WEEKLY = `gameday: 1
name: weekly
schedule: '0 10 * * TUE Europe/Berlin'
variables: { rto: 20s }
drills:
  - { drill: good.yaml, set: { targets.rto: '\${rto}' }, findings: { rpo: OPS-7 } }
`;

describe('drill gameday', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
    writeFileSync(join(folder, 'weekly.yaml'), WEEKLY);
  });
  afterEach(() => removeFolder(folder));

  const gameday = (action: string, more: object = {}, ...files: string[]) =>
    call(
      gameDayVerb,
      { action, words: files.length > 0 ? files : ['weekly.yaml'], ...more },
      folder,
    );

  it('check reads the file and its drills, and says when it is due', async () => {
    const { code, stdout, stderr } = await gameday('check');
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^weekly.yaml: ok, 1 drill, next due \d{4}-\d\d-\d\d 0[89]:00 UTC\n$/);
  });

  it('check finds what is wrong in a drill as the file overrides it, and ends with 2', async () => {
    const { code, stdout, stderr } = await gameday('check', { var: ['rto=soon'] });
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('--set targets.rto: error: expected a duration');
    expect(stderr).to.include('1 error; nothing was started');
  });

  it('check names drills that are not there, and findings of no target', async () => {
    writeFileSync(join(folder, 'weekly.yaml'), WEEKLY.replace('rpo: OPS', 'p99_latency: OPS'));
    const { code, stderr } = await gameday('check', {}, 'weekly.yaml', 'other.yaml');
    expect(code).to.equal(2);
    expect(stderr).to.include(
      'weekly.yaml: error: drills.0.findings.p99_latency: good.yaml has no',
    );
    expect(stderr).to.include('other.yaml: error: there is no such file');
  });

  it('next lists moments in the time zone of the file, or as JSON', async () => {
    const { code, stdout } = await gameday('next', { count: '3' });
    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.length]).to.deep.equal([0, 3]);
    for (const line of lines) expect(line).to.match(/^weekly  Tue \S+ 10:00 Europe\/Berlin$/);
    const json = JSON.parse((await gameday('next', { json: true })).stdout);
    expect(json.coming).to.have.length(5);
    expect(json.coming[0]).to.include({ name: 'weekly', blocked: null });
  });

  it('next says where there is no schedule, and why none begins', async () => {
    writeFileSync(join(folder, 'hand.yaml'), WEEKLY.replace(/^schedule.*\n/m, ''));
    expect((await gameday('next', {}, 'hand.yaml')).stdout).to.include('no file has a schedule');
    writeFileSync(
      join(folder, 'never.yaml'),
      `${WEEKLY}blocked_windows: ['Mon-Fri 09:00-17:00 Europe/Berlin']\n`,
    );
    const { stdout } = await gameday('next', { count: '1' }, 'never.yaml');
    expect(stdout).to.include('blocked Mon-Fri 09:00-17:00 Europe/Berlin');
  });

  it('show and approve say what to do where none was held yet, list would be empty', async () => {
    for (const action of ['show', 'approve']) {
      const error = await gameday(action, {}, 'latest').catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(UserError);
      expect((error as UserError).message).to.match(/^no game day was held yet in .*gamedays$/);
      expect((error as UserError).hint).to.match(/^drill gameday run FILE .*gameday init/);
    }
  });

  it('notify sends a test to everybody whom the file tells, and says what came of it', async () => {
    const server = await webhookServer();
    server.answer = (reply, { path }) => void reply.writeHead(path === '/no' ? 404 : 200).end();
    const text = `${WEEKLY}notify: [{ webhook: '${server.url}/T0' }, { webhook: '${server.url}/no' }]\n`;
    writeFileSync(join(folder, 'weekly.yaml'), text);
    const { code, stdout } = await gameday('notify');
    await server.close();
    const host = server.url.replace('http://', '');
    expect(code).to.equal(4);
    expect(stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).to.deep.equal([
      `webhook ${host} taken answered 200`,
      `webhook ${host} (2) not taken answered 404`,
      '',
    ]);
    const told = JSON.parse(server.came[0]!.body) as object;
    expect(told).to.deep.include({ event: 'test', drills: [] });
    expect((await gameday('outbox', { words: [] })).stdout, 'a test waits for nobody').to.include(
      'no message waits',
    );
  });

  it('notify says where a file tells nobody', async () => {
    await expectRefused(gameday('notify'), 'weekly.yaml tells nobody');
  });

  it('report writes the page of one, and sign adds who stands for it', async () => {
    const runs = runsDirectory(folder);
    const planted = { ...PLANTED_DAY, runs };
    claimDay(planted);
    await expectRefused(gameday('sign', { note: 'x'.repeat(501) }, planted.id), 'at most 500');
    const signed = await gameday('sign', { note: 'seen' }, planted.id);
    expect([signed.code, signed.stderr]).to.deep.equal([0, '']);
    const { signed: signatures = [] } = readDay(runs, planted.id)!;
    expect(signatures.slice(0, 1)).to.deep.equal(planted.signed);
    expect(signatures.map(({ note }) => note)).to.deep.equal(['seen; OPS-412 is next', 'seen']);
    const written = await gameday('report', {}, planted.id);
    expect(written.stdout).to.equal(`.drill/gamedays/${planted.id}.html\n`);
    const page = readFileSync(join(folder, written.stdout.trim()), 'utf8');
    expect(page).to.include('seen; OPS-412 is next').and.to.include('Game day weekly');
    expect((await gameday('report', { output: '-' }, planted.id)).stdout).to.equal(page);
    await expectRefused(
      gameday('report', { output: 'no/such/x.html' }, planted.id),
      'cannot write',
    );
  });

  it('sign takes nothing that is under way', async () => {
    const runs = runsDirectory(folder);
    claimDay({ ...PLANTED_DAY, runs, ended_at: null, verdict: null });
    await expectRefused(gameday('sign', {}, PLANTED_DAY.id), 'is not over yet');
  });

  it('refuses flags that make no sense', async () => {
    await expectRefused(gameday('next', { count: '0' }), '--count: expected 1 to 1000, got "0"');
    await expectRefused(gameday('check', { count: '3' }), '--count is not for check');
    await expectRefused(gameday('next', { var: ['team'] }), '--var: expected name=value');
  });
});

async function expectRefused(called: Promise<unknown>, message: string): Promise<void> {
  const error = await called.then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  expect(error?.message).to.include(message);
}
