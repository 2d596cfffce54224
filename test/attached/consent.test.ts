// `drill attach` on two real servers: it changes nothing, and without what it writes no drill is run.
import { expect } from 'chai';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachVerb } from '../../src/cli/verbs/attach.ts';
import { runVerb } from '../../src/cli/verbs/run.ts';
import type { EnvironmentError } from '../../src/host/environment-error.ts';
import { sha256 } from '../../src/host/sha256.ts';
import { readDrill } from '../../src/session/read.ts';
import { keepToItself, patiently, query } from '../support/attached/orders.ts';
import { requireRepmgr } from '../support/attached/programs.ts';
import type { Stack } from '../support/attached/stack.ts';
import { startTwoServers } from '../support/attached/two-servers.ts';
import { call, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { it } from '../support/commands.ts';
import { ownDrill } from '../support/plan/own-drill.ts';

const EAST = 'east/db1';

/** It ends where the primary stands now: its proof is there before anything is broken. */
const WITH_WAY_BACK = `failback: true
recover:
  deadline: 40s
  back: [{ title: move back, command: [/bin/true], seen: { command: ['true'] } }]`;

describe('drill attach', function () {
  this.timeout(60_000);
  let stack: Stack;
  let folder: string;
  let databases: Record<string, string>;

  before(async function () {
    requireRepmgr(this);
    stack = await startTwoServers();
    databases = Object.fromEntries(
      Object.entries(stack.databases).map(([node, url]) => [node, withoutPassword(url)]),
    );
  });
  after(async () => await stack?.down());
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const consent = () => join(folder, 'consent.yaml');
  const write = (parts: Parameters<typeof ownDrill>[0] = {}) => {
    const password = 'password: { env: DRILL_TEST_PASSWORD }';
    const system = [password, parts.system ?? ''].join(', ');
    writeFileSync(join(folder, 'own.yaml'), ownDrill({ databases, ...parts, system }));
  };
  const environment = () => {
    const password = decodeURIComponent(new URL(stack.databases[EAST]).password);
    return { ...path(), DRILL_TEST_PASSWORD: password };
  };
  const attach = async (args: Record<string, unknown> = {}) =>
    await call(attachVerb, { file: 'own.yaml', ...args }, folder, environment());
  const refusal = async (args: Record<string, unknown>, more: Record<string, string> = {}) =>
    await call(runVerb, { files: ['own.yaml'], ...args }, folder, { ...environment(), ...more })
      .then(() => 'it ran')
      .catch((error: Error & { hint?: string }) => `${error.message} / ${error.hint}`);

  it('shows who is there and what would be run, and makes nothing', async () => {
    write();
    const { code, stdout } = await attach();
    expect(code).to.equal(0);
    expect(stdout).to.match(/east\/db1 +primary, PostgreSQL 15/);
    expect(stdout).to.match(/west\/db2 +standby, PostgreSQL 15/);
    expect(stdout).to.contain('250 of this role');
    const rails = stdout.match(/safety rails: (\d+) of (\d+) let it pass; "(.*)": looked at/);
    expect(rails![3]).to.equal('no traffic of other people');
    expect(Number(rails![2]) - Number(rails![1])).to.equal(1);
    expect(stdout).to.match(/power off db1 +run +\.\/off\.sh db1\n +undo +\.\/on\.sh db1\n/);
    const schemas = await query(
      stack.admins[EAST],
      "select from pg_namespace where nspname ~ 'dr_'",
    );
    expect(schemas).to.deep.equal([]);
  });

  it('writes the consent that goes into the plan, without a password', async () => {
    write();
    await attach({ days: 7, allow: ['live-traffic'] });
    const text = readFileSync(consent(), 'utf8');
    expect(text).not.to.contain(new URL(stack.databases[EAST]).password);
    const { drill } = await readDrill('own.yaml', {}, { directory: folder, environment: {} });
    const agreed = drill!.plan.attached!.consent!;
    expect(agreed.allow).to.deep.equal(['live-traffic']);
    expect(Date.parse(agreed.until) - Date.parse(agreed.at)).to.equal(7 * 86_400_000);
  });

  it('is asked for before a drill is run, which then has to be meant', async () => {
    write();
    expect(await refusal({})).to.contain(
      'consent.yaml: there is no such file / drill attach own.yaml',
    );
    await attach();
    expect(await refusal({}))
      .to.contain('its name typed')
      .and.contain('--confirm own');
    expect(await refusal({ confirm: 'other' })).to.contain('found --confirm other');
    expect(await refusal({}, { DRILL_CONSENT: 'no' })).to.contain('found DRILL_CONSENT=no');
    write({ fault: 'arm: [./later.sh]' });
    expect(await refusal({ confirm: 'own' })).to.contain('arm of power off db1: expected none');
  });

  it('is of no use where a command is not there, or the lever has no folder', async () => {
    write({ guard: 'stop_when: { command: [./alarm.sh] }' });
    const { stderr } = await attach();
    for (const [key, of] of [
      ['topology.guard.stop_when', './alarm.sh here: the command `run` of topology.guard'],
      ['faults.0', './off.sh here: the command `run` of power off db1'],
      ['faults.0', './on.sh here: the command `undo` of power off db1'],
    ]) {
      const words = `warning: ${key}: expected a program that can be run on this machine, found no`;
      expect(stderr).to.contain(`own.yaml: ${words} file ${of}`);
    }
    const tried = await attach({ 'dry-run': true, confirm: 'own' });
    expect(tried.code).to.equal(4);
    expect(tried.stdout).to.match(/WRONG +the command `undo` of power off db1 +no file/);
    expect(tried.stdout.match(/\bWRONG\b.*alarm/g)).to.have.length(1);
    expect(await refusal({ confirm: 'own' }))
      .to.contain('the command `run` of topology.guard.stop_when')
      .and.contain('no file ./alarm.sh');
    write();
    await attach();
    expect(await refusal({ confirm: 'own' })).to.contain('the command `run` of power off db1');
  });

  it('tells a system that has another identifier, or speaks for another account', async () => {
    write();
    await attach();
    const text = readFileSync(consent(), 'utf8');
    writeFileSync(consent(), text.replace(/system_identifier: "\d+"/, 'system_identifier: "7"'));
    expect(await refusal({ confirm: 'own' })).to.match(/system identifier: expected 7, found \d+/);
    write({ system: 'identity: { command: [echo, production], is: staging }' });
    const other = await attach().catch((error: Error) => error.message);
    expect(other).to.contain('topology.system.identity: expected staging, found production');
  });

  it('runs with --dry-run what only tells something', async () => {
    const [program] = stack.primary;
    const tryOut = async (primary: string, word: string) => {
      write({
        system: `primary: { command: [${primary}] }, identity: { command: [echo, a], is: a }`,
      });
      const file = join(folder, 'own.yaml');
      const seenBy = `seen: { command: ["${word}"] }`;
      writeFileSync(
        file,
        readFileSync(file, 'utf8')
          .replace('seen: { refuses: east/db1 }', seenBy)
          .replace('recover: { deadline: 40s }', WITH_WAY_BACK)
          .replaceAll(/\.\/(on|off)\.sh/g, '/bin/true'),
      );
      await attach();
      const hash = sha256(readFileSync(consent()));
      const more = { ...environment(), DRILL_CONSENT: hash };
      return await call(attachVerb, { file: 'own.yaml', 'dry-run': true }, folder, more);
    };
    const right = await tryOut(`${program}, primary`, 'false');
    expect(right.stdout).to.contain('it says east/db1').and.contain('nothing was broken');
    expect(right.stdout).to.match(/ok +seen of move back +so already: it ended with 0/);
    expect(right.code).to.equal(0);
    const wrong = await tryOut('echo, db2', 'true');
    expect(wrong.stdout).to.match(/WRONG +topology.system.primary +it says west\/db2/);
    expect(wrong.stdout).to.match(/WRONG +seen of power off db1 +it ended with 0, and/);
    expect(wrong.code).to.equal(4);
  });

  it('says at once that the primary stands in the other region', async () => {
    const turned = Object.fromEntries(Object.entries(databases).toReversed());
    const password = 'password: { env: DRILL_TEST_PASSWORD }';
    const text = ownDrill({ databases: turned, system: password });
    writeFileSync(join(folder, 'own.yaml'), text.replace('region: east', 'region: west'));
    const told =
      /the primary of own: expected it in west, .* found it in east now: east\/db1 takes/;
    const { code, stdout } = await attach();
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^a run would be refused by 1 safety rail:/)
      .and.match(told)
      .and.contain('no run begins before what is said above is put right');
    expect(stdout).to.contain('move it back to west with the tool of the system');
    expect(await refusal({ confirm: 'own' })).to.match(told);
    const tried = await attach({ 'dry-run': true, confirm: 'own' }).catch(
      (error: Error) => error.message,
    );
    expect(tried).to.match(told);
    expect(readdirSync(folder)).to.have.members(['own.yaml', 'consent.yaml']);
  });

  /** What an attach comes to where it is not let in. */
  const kept = async (
    change: (url: string) => string,
    more: Record<string, string | undefined> = {},
    password = '{ env: DRILL_TEST_PASSWORD }',
  ) => {
    const own = { ...databases, [EAST]: change(databases[EAST]!) };
    writeFileSync(
      join(folder, 'own.yaml'),
      ownDrill({ databases: own, system: password === '' ? '' : `password: ${password}` }),
    );
    const all = { ...environment(), ...more };
    return await call(attachVerb, { file: 'own.yaml' }, folder, all).then(
      () => 'it was let in',
      ({ problem: { found, hint } }: EnvironmentError) => `${found} / ${hint}`,
    );
  };
  const same = (url: string) => url;

  it('says of each way not to be let in what to do', async () => {
    const elsewhere = (host: string) => (url: string) => url.replace(/127\.0\.0\.1:\d+/, host);
    const told: Record<string, () => Promise<string>> = {
      'ECONNREFUSED.* / nobody listens there': () => kept(elsewhere('127.0.0.1:1')),
      '(ENOTFOUND|EAI_AGAIN).* / this machine finds no such name': () =>
        kept(elsewhere('db1.no-such.invalid')),
      'password authentication failed.* / the role or its password is wrong.*system\\.password':
        () => kept(same, { DRILL_TEST_PASSWORD: 'no' }),
      'not set / export DRILL_TEST_PASSWORD': () => kept(same, { DRILL_TEST_PASSWORD: undefined }),
      'must be a .*string / it asks for a password.*topology\\.system\\.password': () =>
        kept(same, {}, ''),
      'database "nowhere" does not exist / see the name of the database': () =>
        kept((url) => url.replace(/[^/]+$/, 'nowhere')),
      'does not support SSL connections / turn on ssl there': () =>
        kept((url) => `${url}?sslmode=require`),
    };
    for (const [words, attempt] of Object.entries(told)) {
      expect(await attempt()).to.match(new RegExp(words));
    }
  });

  it('says what to do where a role may not come, or finds no room', async () => {
    const admin = stack.admins[EAST];
    const limits = {
      'connection limit 0': 'too many connections for role "drill" / end connections',
      nologin: 'role "drill" is not permitted to log in / alter role … login',
    };
    for (const [limit, words] of Object.entries(limits)) {
      await query(admin, `alter role drill ${limit}`);
      expect(await kept(same)).to.contain(words);
      await query(admin, 'alter role drill login connection limit 250');
    }
    const [{ file } = {}] = await query(admin, "select current_setting('hba_file') as file");
    const rules = readFileSync(String(file), 'utf8');
    const reload = async (text: string, words: string) => {
      writeFileSync(String(file), text);
      await query(admin, 'select pg_reload_conf()');
      await patiently(words, async () => ((await kept(same)).includes(words) ? true : null));
    };
    await reload(`host all drill 127.0.0.1/32 reject\n${rules}`, 'have a line of its pg_hba.conf');
    await reload(rules, 'it was let in');
  });

  // The last one: what is taken away there is not given back.
  it('wants another name for a system that does not tell its own', async () => {
    await keepToItself(stack.admins[EAST]);
    write();
    const { problem } = await attach().then(
      () => expect.fail('it was let in'),
      (error: EnvironmentError) => error,
    );
    expect(problem.what).to.match(/^which system (east\/db1|west\/db2) is of$/);
    expect(problem.found).to.equal('permission denied for function pg_control_system');
    expect(problem.hint).to.contain('topology.system.identity');
    write({ system: 'identity: { command: [echo, staging], is: staging }' });
    const { code, stdout } = await attach();
    expect(code).to.equal(0);
    expect(stdout).to.match(/^system of a name that topology.system.identity alone says$/m);
    expect(stdout).to.match(/east\/db1 does not tell of its log \(wal_level must be set/);
    const told = /system_identifier: not told\nidentity: staging/;
    expect(readFileSync(consent(), 'utf8')).to.match(told);
    expect(await refusal({})).to.contain('its name typed');
  });
});

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}

function path(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '' };
}
