// Drills of two plain servers that follow one another, as a team has them: whatever drill says of
// them is held against what a second program reads in them.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keepToItself, query } from '../../support/attached/orders.ts';
import {
  acknowledgedIn,
  consentTo,
  ownDrill,
  passwordOf,
  type OwnDrill,
} from '../../support/attached/own-drill.ts';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const [EAST, WEST] = ['east/db1', 'west/db2'] as const;

describe('a drill of two plain servers', function () {
  this.timeout(180_000);
  const own = stackOfEach(requireRepmgr, startTwoServers);
  const { run, script } = own;

  /** Ends with 0 while both take writes. */
  const bothTakeWrites = () =>
    script('both-write', `${psql(WEST)} | grep -qx f && ${psql(EAST)} | grep -qx f`);
  const psql = (node: typeof EAST | typeof WEST) =>
    `psql -XAtqc 'select pg_is_in_recovery()' '${own.stack.admins[node]}'`;
  const nothingOfDrill = async (nodes: readonly (typeof EAST | typeof WEST)[] = [EAST, WEST]) => {
    for (const url of nodes.map((node) => own.stack.admins[node])) {
      const sql = `select nspname from pg_namespace where nspname = 'dr_drill'`;
      expect(await query(url, sql)).to.deep.equal([]);
    }
  };

  it.full(
    'whose commands fail it over: the time, no loss, and nothing of drill stays',
    async () => {
      const ran = await run({
        run: own.stack.lose('node'),
        undo: own.stack.undo(),
        seen: `{ refuses: ${EAST} }`,
        steps: [
          { title: 'fence db1', command: own.stack.command('fence', 'db1') },
          { title: 'promote db2', command: own.stack.command('promote', 'db2') },
        ],
      });
      expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
      expect(ran.ended.code).to.equal(0);
      expect(ran.result.recovery!.rto_ms).to.be.greaterThan(0);
      const kept = ran.ids.get(WEST)!;
      const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
      expect(ran.result.loss!.lost).to.equal(gone.length);
      await nothingOfDrill();
      expect(ran.place.leftBehind()).to.deep.equal([]);
    },
  );

  it.full(
    'whose steps are marked: phases by what drill saw, and the word of none alone',
    async () => {
      const ran = await run({
        run: own.stack.lose('node'),
        undo: own.stack.undo(),
        seen: `{ refuses: ${EAST} }`,
        targets: '{ rto: 30s, rto_from: effect, rpo: 5s }',
        steps: [
          { title: 'say that it is promoted', command: ['true'], mark: 'writable' },
          { title: 'fence db1', command: own.stack.command('fence', 'db1'), mark: 'fenced' },
          { title: 'promote db2', command: own.stack.command('promote', 'db2') },
          { title: 'tell the clients', command: ['sleep', '0.3'], mark: 'redirected' },
        ],
      });
      expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
      const { phases, rto_ms, marks, rto_from_effect_ms } = ran.result.recovery!;
      const took = (name: string) => phases.find((phase) => phase.name === name)?.ms;
      expect(took('fence')).to.be.greaterThan(0);
      expect(took('promote')).to.be.greaterThan(0);
      expect(marks['redirected']).to.be.greaterThan(marks['writable']!);
      expect(phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0)).to.equal(rto_ms);
      const ended = ran.place.events().find((each) => {
        return each.event === 'step.ended' && each.step === 'say that it is promoted';
      });
      expect(marks['writable']).to.be.greaterThan(ended!.t);
      expect(ran.result.notes.join(' ')).to.match(
        /"say that it is promoted" is marked writable, and/,
      );
      expect(rto_from_effect_ms).to.be.within(1, rto_ms!);
    },
  );

  const promoted = () => ({
    run: own.stack.lose('node'),
    undo: own.stack.undo(),
    seen: `{ refuses: ${EAST} }`,
    steps: [{ title: 'promote db2', command: own.stack.command('promote', 'db2') }],
  });

  it.full('whose commands lead it back: the time, no loss, the first layout again', async () => {
    const ran = await run({
      ...promoted(),
      targets: '{ rto: 30s, rpo: 5s, failback_rto: 30s }',
      back: [
        { title: 'say that it is well', command: ['true'], undo: ['false'] },
        { title: 'move back', command: own.stack.switchOver(EAST) },
      ],
    });
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.ended.code).to.equal(0);
    const { failback, gates } = ran.result;
    expect(failback).to.include({ protected_how: 'followed' });
    expect(failback!.rto_ms).to.be.greaterThan(0);
    expect(failback!.loss).to.include({ lost: 0 });
    expect(gates.find(({ name }) => name === 'failback_rto')).to.include({ verdict: 'pass' });
    const kept = ran.ids.get(EAST)!;
    const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
    expect(ran.result.loss!.lost).to.equal(gone.length);
    const [east] = await query(own.stack.admins[EAST], 'select pg_is_in_recovery() as standby');
    expect(east).to.deep.equal({ standby: false });
    await nothingOfDrill();
  });

  it.full('whose way back fails is a fail, with what came before it undone', async () => {
    const undone = join(own.stack.directory, 'undone');
    const ran = await run({
      ...promoted(),
      back: [
        { title: 'warm up', command: ['true'], undo: script('cool', `touch ${undone}`) },
        { title: 'move back', command: ['false'] },
      ],
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    const [failure] = ran.result.failures;
    expect(failure).to.include({ code: 'failback-step-failed', step: 'move back' });
    expect(existsSync(undone)).to.equal(true);
    await nothingOfDrill();
  });

  it.full('whose standby answers like one and never follows is not protected again', async () => {
    const sql = (text: string) => `psql -XAtqc "${text}" '${own.stack.admins[EAST]}'`;
    const body = [
      own.stack.undo().join(' '),
      sql("alter system set primary_conninfo = ''"),
      sql('select pg_reload_conf()'),
    ];
    const ran = await run({ ...promoted(), undo: script('half-an-undo', body.join(' && ')) });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.deep.equal(['not-protected']);
    expect(ran.result.reasons.join(' ')).to.contain(`what is written comes to ${EAST}`);
  });

  it.full(
    'that is moved back while it is watched: it is seen, and its outage is told',
    async () => {
      const words = [own.stack.undo(), own.stack.switchOver(EAST)].map((each) => each.join(' '));
      const later = `(${words[1]}) >/dev/null 2>&1 &`;
      const ran = await run({ ...promoted(), undo: script('undo', `${words[0]} && ${later}`) });
      expect(ran.ended.code, ran.ended.stdout).to.equal(0);
      const { result } = ran;
      expect(result.notes.join(' ')).to.match(/The primary moved once more: east\/db1 took writes/);
      expect(result.recovery!.outages).to.have.length(2);
      const again_ms = result.recovery!.outages[1]!.opened_ms - result.faults![0]!.started_ms;
      expect(result.recovery!.rto_ms).to.be.greaterThan(again_ms);
    },
  );

  it('of which both take writes: a fail, though clients saw no outage', async () => {
    await bothAreTold();
  });

  it.full('that keep their log to themselves: two primaries are told all the same', async () => {
    await keepToItself(own.stack.admins[EAST]);
    await bothAreTold({ system: '    identity: { command: [echo, ours], is: ours }' });
  });

  it.full('of which both take writes for a while: what one alone holds is kept', async () => {
    const ran = await bothAreTold({ lasts: '6s' });
    const events = ran.place.events();
    const at = (name: string) => events.findIndex(({ event }) => event === name);
    expect(events[at('fault.healed')]).to.include({ by: 'schedule' });
    expect(at('rows.salvaged')).to.be.within(0, at('fault.healed'));
  });

  const bothAreTold = async (more: Pick<OwnDrill, 'system' | 'lasts'> = {}) => {
    const ran = await run({
      ...more,
      run: own.stack.command('promote', 'db2'),
      undo: own.stack.undo(),
      seen: `{ command: ${JSON.stringify(bothTakeWrites())} }`,
      targets: '{ rto: 30s, rpo: 0s }',
      primary: script('primary', `${psql(WEST)} | grep -qx f && echo ${WEST} || echo ${EAST}`),
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    const { result } = ran;
    const [sustained] = ran.place.events().filter(({ event }) => event === 'service.sustained');
    expect(sustained).to.include({ rto_ms: 0 });
    expect(result.failures.map(({ code }) => code)).to.include('two-primaries');
    const kept = ran.ids.get(WEST)!;
    const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
    expect(gone.length).to.be.greaterThan(20);
    expect(result.loss!.lost).to.equal(gone.length);
    expect(result.loss!.split_brain).to.be.within(1, gone.length);
    expect(result.loss!.second).to.include({ agrees: true });
    expect(ran.leaks, 'who has the password').to.deep.equal([]);
    expect(result.watch!.map(({ node }) => node)).to.deep.equal([EAST, WEST]);
    for (const { statements_per_s, core_share } of result.watch!) {
      expect(statements_per_s).to.be.greaterThan(1);
      expect(core_share).to.be.greaterThan(0);
    }
    expect(ran.ended.stdout).to.match(/own load +\d+\.\d statements\/s, /);
    const salvaged = ran.place.events().find(({ event }) => event === 'rows.salvaged');
    expect(salvaged).to.have.property('rows').that.is.within(1, gone.length);
    await nothingOfDrill();
    return ran;
  };

  it.full('whose fault does nothing and ends with 0 proves nothing', async () => {
    const ran = await run({
      run: ['true'],
      undo: ['true'],
      seen: `{ refuses: ${EAST} }`,
      takes_at_most: '2s',
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(3);
    expect(ran.result.reasons.join(' ')).to.contain('takes no connection');
  });

  it.full('whose system says what is not so is no pass', async () => {
    const lies = script('primary', `echo ${EAST}`);
    const ran = await run({
      run: own.stack.lose('node'),
      undo: own.stack.undo(),
      seen: `{ refuses: ${EAST} }`,
      primary: lies,
      steps: [{ title: 'promote db2', command: own.stack.command('promote', 'db2') }],
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(3);
    expect(ran.result.reasons.join(' ')).to.match(/east\/db1, which the system calls its primary/);
  });

  it.full('whose fault cannot be undone ends with 5, and says what to type', async () => {
    const ran = await run({
      run: own.stack.lose('node'),
      undo: ['false'],
      seen: `{ refuses: ${EAST} }`,
      steps: [{ title: 'promote db2', command: own.stack.command('promote', 'db2') }],
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(5);
    expect(ran.ended.stdout).to.contain('undone by false');
    await nothingOfDrill([WEST]);
  });

  it.full('whose primary stands elsewhere than its faults look for it is not begun', async () => {
    const text = ownDrill(own.stack, { run: ['true'], undo: 'none', seen: `{ refuses: ${EAST} }` });
    const turned = text.replace(/( +east\/db1: .*\n)( +west\/db2: .*\n)/, '$2$1');
    const place = own.keep(new Workplace(turned.replace('region: east', 'region: west')));
    await consentTo(place, own.stack);
    const ended = await place.run(['run', 'drill.yaml', '--confirm', 'own'], passwordOf(own.stack));
    expect(ended.code, ended.stdout).to.equal(4);
    expect(ended.stderr).to.contain('it in east now: east/db1 takes writes');
  });

  it.full('leaves what is the team’s as it was', async () => {
    const dump = () =>
      query(
        own.stack.admins[WEST],
        `select md5(string_agg(c::text, ',' order by id)) from customers c`,
      );
    const before = await dump();
    await run({
      run: own.stack.lose('node'),
      undo: own.stack.undo(),
      seen: `{ refuses: ${EAST} }`,
      steps: [{ title: 'promote db2', command: own.stack.command('promote', 'db2') }],
    });
    expect(await dump()).to.deep.equal(before);
    await nothingOfDrill();
  });
});
