import { expect } from 'chai';
import { join } from 'node:path';
import { formatDiagnostic } from '../../../src/drill/file/diagnostic.ts';
import { readGameDay } from '../../../src/gameday/read.ts';
import { SHIPPED_DRILLS } from '../../../src/session/find-drill.ts';
import { parseGameDay, type GameDayValues } from '../../../src/gameday/file/parse-gameday.ts';

const LEAST = 'gameday: 1\nname: weekly\ndrills: [region-outage]\n';

function parse(text: string, values: GameDayValues = {}) {
  return parseGameDay({ file: 'weekly.yaml', bytes: new TextEncoder().encode(text) }, values);
}

function problems(text: string, values: GameDayValues = {}): string[] {
  const { gameday, diagnostics } = parse(text, values);
  expect(gameday).to.equal(null);
  return diagnostics.map((each) => formatDiagnostic(each).split('\n')[0]!);
}

describe('parseGameDay', () => {
  it('reads the one that comes with drill, whose drills come with it too', async () => {
    const file = join(SHIPPED_DRILLS, 'gamedays/weekly.yaml');
    const place = { directory: SHIPPED_DRILLS, environment: {} };
    const { read, diagnostics } = await readGameDay(file, {}, place);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    expect(read!.drills).to.have.lengthOf(read!.gameday.drills.length);
  });

  it('says of a drill, in one sentence, what it is and what runs it', () => {
    const text = 'drill: 1\nname: one\ntargets: { rto: 15s }\n';
    expect(problems(text)).to.deep.equal([
      'weekly.yaml:1:1: error: drill: this is a drill, and no game day; try `drill run weekly.yaml`',
    ]);
  });

  it('reads the least there can be, with its defaults', () => {
    const { gameday, diagnostics } = parse(LEAST);
    expect(diagnostics).to.deep.equal([]);
    expect(gameday).to.deep.include({
      name: 'weekly',
      schedule: [],
      jitter: 0,
      if_missed: 'report',
      after_failure: 'stop',
      drills: [{ drill: 'region-outage', set: {}, findings: {} }],
    });
  });

  it('reads every key, in its own time zone or that of the file', () => {
    const { gameday, diagnostics } = parse(
      `${LEAST.replace('[region-outage]', '')}
  - drill: drills/region-outage.yaml
    set: { targets.rto: '\${rto}' }
    repeat: 3
    findings: { rto: 'OPS-412: promotion is slow' }
  - drills/backup-gap.yaml
zone: Europe/Berlin
variables: { rto: 5s, team: db }
schedule: ['0 10 * * TUE', '0 3 1 * * UTC']
jitter: 15m
allowed_windows: ['Mon-Fri 09:00-17:00', '22:00-02:00 UTC']
blocked_windows: ['Fri-Mon 12:00-24:00 America/New_York']
blocked_dates: ['2026-12-24..2027-01-02', '05-01 UTC']
if_missed: run
preconditions:
  - url: http://127.0.0.1:1/health
  - command: [./ready.sh, '\${team}']
  - last-drill-was-clean
approve: { by: operator, within: 30m }
roles: { owner: Ada, on_call: '\${team}', observers: [Grace] }
notify:
  - { on: [failed], webhook: '\${env.HOOK}', format: slack, secret: '\${env.SECRET}' }
  - { email: team@example.com, smtp: 'smtp://127.0.0.1:25' }
  - { command: [./tell.sh] }
after_failure: continue
retention: { keep_for: 90d }
`,
      { environment: { HOOK: 'https://hooks.example.com/x', SECRET: '0123456789abcdef' } },
    );
    expect(diagnostics).to.deep.equal([]);
    expect(gameday!.drills[0]).to.deep.equal({
      drill: 'drills/region-outage.yaml',
      set: { 'targets.rto': '5s' },
      repeat: 3,
      findings: { rto: 'OPS-412: promotion is slow' },
    });
    expect(gameday!.schedule).to.deep.equal([
      { cron: '0 10 * * TUE', zone: 'Europe/Berlin' },
      { cron: '0 3 1 * *', zone: 'UTC' },
    ]);
    const [weekdays, nights] = gameday!.allowed_windows;
    expect(weekdays).to.deep.include({ days: [1, 2, 3, 4, 5], from: 540, to: 1020 });
    expect(nights).to.deep.include({
      days: [0, 1, 2, 3, 4, 5, 6],
      from: 1320,
      to: 120,
      zone: 'UTC',
    });
    expect(gameday!.blocked_windows[0]!.days).to.deep.equal([5, 6, 0, 1]);
    expect(gameday!.blocked_dates[1]).to.deep.include({ from: '05-01', to: '05-01', zone: 'UTC' });
    expect(gameday!.preconditions[1]).to.deep.include({ command: ['./ready.sh', 'db'] });
    expect(gameday!.approve).to.deep.equal({ by: 'operator', within: 1_800_000 });
    expect(gameday!.notify[0]).to.deep.include({
      on: ['failed'],
      webhook: 'https://hooks.example.com/x',
    });
  });

  it('takes variables of the command line before those of the file', () => {
    const text = `${LEAST}variables: { team: db }\nroles: { owner: '\${team}' }\n`;
    expect(parse(text, { variables: { team: 'net' } }).gameday!.roles.owner).to.equal('net');
    expect(parse(text.replace('${team}', () => '$${team}')).gameday!.roles.owner).to.equal(
      '${team}',
    );
  });

  it('says everything that is wrong at once, each at its place', () => {
    const found = problems(`gameday: 1
name: weekly
drills: [region-outage]
zone: Berlin
schedule: ['0 10 * * TUE Europe/Berlni', '0 25 * * *', '10:00']
blocked_windows: ['Mon 17:00-17:00', 'Monday 09:00-10:00']
blocked_dates: [2026-02-30]
if_mised: run
roles: { owner: '\${teem}' }
variables: { team: db }
notify: [{ webhook: 'ftp://x' }, { email: nobody }]
`);
    expect(
      found.map((each) => each.replace('weekly.yaml:', '').replace('error: ', '')),
    ).to.deep.equal([
      '4:7: zone: expected a time zone such as Europe/Berlin; got "Berlin"',
      '5:12: schedule.0: expected a time zone such as Europe/Berlin, got "Europe/Berlni"',
      '5:42: schedule.1: Invalid value for hour: 25',
      '5:56: schedule.2: expected a cron line of five fields and its time zone, such as "0 10 * * TUE Europe/Berlin", got "10:00"',
      '6:19: blocked_windows.0: this window is empty; a whole day is 00:00-24:00',
      '6:38: blocked_windows.1: expected days, times and a time zone, such as "Mon-Fri 09:00-17:00 Europe/Berlin"; got "Monday 09:00-10:00"',
      '7:17: blocked_dates.0: there is no day 2026-02-30',
      '8:1: if_mised: unknown key; did you mean if_missed?',
      '9:17: roles.owner: there is no variable "teem"; did you mean team?',
      '11:21: notify.0.webhook: expected a URL such as https://hooks.example.com/…',
      '11:34: notify.1.smtp: this key is required and missing',
      '11:43: notify.1.email: expected an address such as team@example.com; got "nobody"',
    ]);
  });

  it('names what is missing, and files that are none', () => {
    expect(problems('gameday: 1\nname: weekly\n')).to.deep.equal([
      'weekly.yaml:1:1: error: drills: this key is required and missing',
    ]);
    expect(problems('')[0]).to.include('the file is empty');
    expect(problems('drills: {')[0]).to.include('weekly.yaml:1:');
    expect(problems('gameday: 2\nname: a\ndrills: [x]\n')[0]).to.include(
      'expected 1, got the number 2',
    );
  });
});
