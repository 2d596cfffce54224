// Real commands that are told of a game day.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { howItEnded } from '../../../src/gameday/day/happening.ts';
import { deliver } from '../../../src/gameday/notify/deliver.ts';
import { messageOf } from '../../../src/gameday/notify/message.ts';
import { receiversOf } from '../../../src/gameday/notify/receiver.ts';
import { processStarted } from '../../../src/host/process/processes.ts';
import { failedDay, readOf } from '../../support/gameday.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('a command that is told', () => {
  const message = messageOf(howItEnded(failedDay('/runs')), [], 0);
  let directory = '';
  let clock = new ManualClock();
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drill-told-'));
    clock = new ManualClock();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const file = (name: string) => join(directory, name);
  const tell = async (command: readonly string[], stop = new AbortController()) => {
    const notice = JSON.stringify({ command, within: '5s' });
    const [receiver] = receiversOf(readOf(`notify: [${notice}]`).gameday);
    const environment = { PATH: process.env['PATH'], OWN: 'of the user' };
    const place = { directory, environment, logFile: () => file('commands.log') };
    return await deliver(receiver!, message, { ...place, clock, number: 2, signal: stop.signal });
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('gets the message on its input and in variables, beside those of the user', async () => {
    const script = 'cat > input; env > variables; echo said; echo badly >&2';
    expect(await tell(['sh', '-c', script])).to.deep.equal({ kind: 'taken', why: 'exit code 0' });
    expect(JSON.parse(readFileSync(file('input'), 'utf8'))).to.deep.equal(message);
    const variables = readFileSync(file('variables'), 'utf8').split('\n');
    expect(variables).to.include.members([
      ...['OWN=of the user', 'DRILL_MESSAGE_EVENT=ended', 'DRILL_MESSAGE_TRY=2'],
      ...[`DRILL_MESSAGE_ID=${message.id}`, 'DRILL_MESSAGE_GAMEDAY=weekly'],
      ...['DRILL_MESSAGE_VERDICT=fail', 'DRILL_MESSAGE_GAMEDAY_ID=20261201T090000Z-weekly'],
    ]);
    expect(readFileSync(file('commands.log'), 'utf8')).to.equal('said\nbadly\n');
  });

  it('is told where its output cannot be kept', async () => {
    rmSync(file('commands.log'), { force: true });
    mkdirSync(file('commands.log'));
    expect(await tell(['sh', '-c', 'echo said'])).to.include({ kind: 'taken' });
  });

  it('need not read it', async () => {
    expect(await tell(['true'])).to.include({ kind: 'taken' });
  });

  it('that fails is tried again; one that cannot be started is not', async () => {
    expect(await tell(['sh', '-c', 'exit 3'])).to.deep.equal({
      ...{ kind: 'failed', why: 'exit code 3', after_ms: null },
    });
    const missing = await tell(['./there-is-none.sh']);
    expect(missing.kind).to.equal('refused');
    expect(missing.why).to.match(/^it could not be started: .*ENOENT/);
  });

  it('that takes too long is killed, with all of its process group', async () => {
    // The second one's parent is gone: nobody finds it below the command.
    const script = 'echo $$ > first; (sh -c "echo \\$\\$ > second; exec sleep 600" &); sleep 600';
    const telling = tell(['sh', '-c', script]);
    const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
    await until(() => read('first').endsWith('\n') && read('second').endsWith('\n'));
    expect(await clock.runUntil(telling)).to.include({
      ...{ kind: 'failed', why: 'no answer within 5 s' },
    });
    const pids = [Number(read('first')), Number(read('second'))];
    await until(() => pids.every((pid) => processStarted(pid) === null));
  });

  it('ends with whoever sends', async () => {
    const stop = new AbortController();
    const telling = tell(['sh', '-c', 'echo $$ > first; sleep 600'], stop);
    await until(() => existsSync(file('first')) && readFileSync(file('first'), 'utf8') !== '');
    stop.abort(new Error('stopped'));
    expect(await telling.catch((error: Error) => error.message)).to.equal('stopped');
    const pid = Number(readFileSync(file('first'), 'utf8'));
    await until(() => processStarted(pid) === null);
  });
});
