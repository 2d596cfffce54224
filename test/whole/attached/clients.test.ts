// Drills of which a team's own endpoint, or program, writes into tables of the team: what drill says
// of them is held against what stands in those tables, and against mistakes that were planted.
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { liveTree } from '../../../src/host/process/processes.ts';
import { patiently, query } from '../../support/attached/orders.ts';
import {
  acknowledgedIn,
  consentTo,
  ownDrill,
  passwordOf,
  type OwnDrill,
  type OwnRun,
} from '../../support/attached/own-drill.ts';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import type { Argv, Stack } from '../../support/attached/stack.ts';
import {
  isForgotten,
  makeTeamTable,
  outageOf,
  startEndpoint,
  TEAM_COUNT,
  teamRows,
  type Mistake,
  type TeamEndpoint,
} from '../../support/attached/team.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const [EAST, WEST] = ['east/db1', 'west/db2'] as const;
const TOKEN = 'Bearer of-the-team-4711';
const WRITER = fileURLToPath(new URL('../../support/attached/team-writer.ts', import.meta.url));
/** What one look, one client and one busy machine come to. */
const SLACK_MS = 1_000;

async function startWithTable(): Promise<Stack> {
  const stack = await startTwoServers();
  await makeTeamTable(stack);
  return stack;
}

describe('a drill of which a team’s own program writes', function () {
  this.timeout(180_000);
  let endpoint: TeamEndpoint | null = null;

  before(() => {
    process.env['TEAM_TOKEN'] = TOKEN;
  });
  after(() => delete process.env['TEAM_TOKEN']);
  afterEach(() => {
    endpoint?.close();
    endpoint = null;
  });
  const own = stackOfEach(requireRepmgr, startWithTable);
  const { run, script } = own;

  /** Is there once something was broken: what is wrong before keeps a drill from being begun. */
  const broken = () => join(own.stack.directory, 'broken');
  const lossOf = (): OwnDrill => ({
    run: [...script('lose', `touch ${broken()}; exec "$@"`), ...own.stack.lose('node')],
    undo: own.stack.undo(),
    seen: `{ refuses: ${EAST} }`,
    targets: '{ rto: 30s, lost_writes: 100000 }',
    steps: [{ title: 'promote db2', command: own.stack.command('promote', 'db2') }],
  });
  const overHttp = async (mistake?: Mistake): Promise<OwnDrill> => {
    endpoint = await startEndpoint(own.stack, TOKEN, mistake);
    const http = {
      url: endpoint.url,
      headers: { authorization: { env: 'TEAM_TOKEN' } },
      refused: 503,
    };
    return { ...lossOf(), clients: { http }, count: { sql: TEAM_COUNT } };
  };
  const missing = async (ran: OwnRun) => {
    const kept = new Set(await teamRows(own.stack.admins[WEST]));
    return (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
  };
  const nothingOfDrill = async () => {
    const sql = `select nspname from pg_namespace where nspname = 'dr_drill'`;
    expect(await query(own.stack.admins[WEST], sql)).to.deep.equal([]);
  };
  const expectOutage = ({ place, result }: OwnRun) => {
    const { known_ms, seen_ms } = outageOf(endpoint!.stored_ms, place.events());
    expect(seen_ms).to.be.within(known_ms - SLACK_MS, known_ms + SLACK_MS);
    // It may have been lost once more, on a busy machine.
    expect(result.recovery!.rto_ms).to.be.at.least(seen_ms - SLACK_MS);
  };
  const begun = (ran: OwnRun) => ran.place.events().some(({ event }) => event === 'fault.started');

  it.full('over HTTP: the outage, what it forgot, and no secret anywhere', async () => {
    const ran = await run(
      await overHttp((order) =>
        existsSync(broken()) && isForgotten(order) ? 'forgotten' : 'none',
      ),
    );
    const gone = await missing(ran);
    expect(ran.result.loss!.lost, ran.ended.stdout).to.equal(gone.length);
    expect(gone.length).to.be.greaterThan(3);
    expect(ran.result.loss!.unexpected).to.equal(0);
    // After the other server had taken over, which no service may do; and no server has them.
    expect(ran.ended.stdout).to.contain('Split-brain writes: not measured');
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.include('write-lost-after-recovery');
    expectOutage(ran);
    await nothingOfDrill();
    expect(ran.place.leftBehind()).to.deep.equal([]);
    const files = readdirSync(ran.place.directory, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const text = readFileSync(join(file.parentPath, file.name), 'latin1');
      expect(text.includes('of-the-team-4711'), file.name).to.equal(false);
    }
  });

  it.full('over HTTP, without a mistake: a pass, with the loss that there is', async () => {
    const ran = await run(await overHttp());
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.result.failures).to.deep.equal([]);
    expect(ran.ended.code).to.equal(0);
    expect(ran.result.loss!.lost).to.equal((await missing(ran)).length);
    expect(ran.result.loss!.split_brain).to.equal(0);
  });

  it.full('through programs: the outage, and what they forgot', async () => {
    const servers = join(own.stack.directory, 'servers.json');
    writeFileSync(servers, JSON.stringify(Object.values(own.stack.admins)));
    const tsx = `--import=${import.meta.resolve('tsx')}`;
    const command: Argv = [process.execPath, tsx, WRITER, servers, broken()];
    const rows = `select json_build_object('writer', writer, 'sequence', sequence, 'payload',
      payload) from team_orders where run = '$1'`;
    const count = script('count', `psql -XAtq '${own.stack.admins[WEST]}' -c "${rows}"`);
    const ran = await run({
      ...lossOf(),
      clients: { command, workers: 4 },
      count: { command: [...count, '{run}'] },
    });
    const gone = await missing(ran);
    expect(ran.result.loss!.lost, ran.ended.stdout).to.equal(gone.length);
    expect(gone.length).to.be.greaterThan(3);
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.recovery!.rto_ms).to.be.greaterThan(0);
    expect(ran.result.loss).to.deep.include({ split_brain: null, split_brain_low: 0 });
    expect(ran.ended.stdout).to.match(/Split-brain [^]*\scounts\s+all\s+servers\s+as\s+one/);
    await nothingOfDrill();
    expect(ran.place.leftBehind()).to.deep.equal([]);
  });

  it.full('which stays with the old server while another one takes writes: a fail', async () => {
    const drill = await overHttp();
    const takes = (node: typeof EAST | typeof WEST) =>
      `psql -XAtqc 'select pg_is_in_recovery()' '${own.stack.admins[node]}' | grep -qx f`;
    const both = `${takes(WEST)} && ${takes(EAST)}`;
    const who = `${takes(WEST)} && echo ${WEST} || echo ${EAST}`;
    const { steps: _, ...alone } = drill;
    const ran = await run({
      ...alone,
      run: own.stack.command('promote', 'db2'),
      seen: `{ command: ${JSON.stringify(script('both', both))} }`,
      primary: script('primary', who),
      targets: '{ rto: 30s, rpo: 0s }',
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.include('two-primaries');
    const gone = await missing(ran);
    expect(gone.length).to.be.greaterThan(20);
    expect(ran.result.loss!.lost).to.equal(gone.length);
    const { split_brain, split_brain_low = split_brain } = ran.result.loss!;
    expect(split_brain_low).to.be.within(1, gone.length);
    const salvaged = ran.place.events().find(({ event }) => event === 'rows.salvaged');
    expect(salvaged).to.have.property('rows').that.is.within(1, gone.length);
  });

  it.full('is looked at, and begun, without a write', async () => {
    const drill = await overHttp();
    const place = own.keep(new Workplace(ownDrill(own.stack, drill)));
    const looked = await place.run(['attach', 'drill.yaml'], passwordOf(own.stack));
    expect(looked.code, looked.stdout).to.equal(0);
    expect(looked.stdout).to.contain(`POST ${endpoint!.url}`).and.contain('from team_orders');
    const dry = ['attach', 'drill.yaml', '--dry-run', '--confirm', 'own'];
    const tried = await place.run(dry, passwordOf(own.stack));
    expect(tried.code, tried.stdout).to.equal(0);
    expect(tried.stdout).to.contain('takes connections; nothing was sent');
    expect(endpoint!.stored_ms).to.deep.equal([]);
    endpoint!.close();
    const gone = await place.run(dry, passwordOf(own.stack));
    expect(gone.code, gone.stdout).to.equal(4);
    expect(gone.stdout).to.match(/WRONG +topology.system.clients/);
    const planned = await place.run(['plan', 'drill.yaml']);
    expect(planned.stdout).to.contain(`over POST ${endpoint!.url}`);
    expect(`${looked.stdout}${tried.stdout}${planned.stdout}`).not.to.contain('of-the-team-4711');
  });

  it.full('which stores nothing any more once the other server serves: a fail', async () => {
    const over = join(own.stack.directory, 'over');
    const drill = await overHttp(({ writer }) => {
      return writer < 1_025 && existsSync(over) ? 'forgotten' : 'none';
    });
    const steps = [
      { title: 'promote db2', command: own.stack.command('promote', 'db2') },
      { title: 'then', command: script('then', `touch ${over}`) },
    ];
    const ran = await run({ ...drill, steps });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.loss!.lost).to.equal((await missing(ran)).length);
    expect(ran.result.failures.map(({ code }) => code)).to.include('write-lost-after-recovery');
  });

  it.full('which stores some orders twice: a fail', async () => {
    const ran = await run(
      await overHttp(({ writer, sequence }) =>
        writer === 5 && sequence % 3 === 0 ? 'twice' : 'none',
      ),
    );
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.include('write-duplicated');
  });

  it.full('of which the count leaves rows out: nothing is broken', async () => {
    const sql = `${TEAM_COUNT} and (writer <> 7)`;
    const ran = await run({ ...(await overHttp()), count: { sql } });
    expect(ran.ended.code, ran.ended.stdout).to.equal(3);
    expect(ran.result.reasons.join(' ')).to.match(
      /\d+ of \d+ acknowledged writes are not in it, .*\(writer-sequence 7-1, 7-2.*writer <> 7/,
    );
    expect(begun(ran)).to.equal(false);
  });

  it.full('of which the count has some that nobody sent: a fail', async () => {
    const more = `${TEAM_COUNT} union all select 9, 999999, 'x' from (${TEAM_COUNT} limit 1) one`;
    const ran = await run({ ...(await overHttp()), count: { sql: more } });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.include('write-unexpected');
  });

  it.full('that nobody counts: the outage is measured, and no loss is proved', async () => {
    const { count: _, ...drill } = await overHttp();
    const ran = await run({ ...drill, targets: '{ rto: 30s, rpo: 10s }' });
    expect(ran.ended.code, ran.ended.stdout).to.equal(3);
    const gates = Object.fromEntries(ran.result.gates.map(({ name, verdict }) => [name, verdict]));
    expect(gates).to.include({ rto: 'pass', rpo: 'inconclusive' });
    expect(ran.result.reasons.join(' ')).to.contain('topology.system.count');
    expectOutage(ran);
  });

  it.full('is not begun where the count has rows already, or nothing can be started', async () => {
    const drill = await overHttp();
    await query(own.stack.admins[EAST], "insert into team_orders values ('earlier', 1, 1, 'a')");
    const counted = await run({ ...drill, count: { sql: 'select * from team_orders' } });
    expect(counted.ended.code, counted.ended.stdout).to.equal(4);
    expect(counted.ended.stdout).to.contain('count the rows of {run} alone');
    const unknown = await run({ ...drill, count: { sql: 'select writer from no_such_table' } });
    expect([unknown.ended.code, unknown.ended.stdout].join(' ')).to.match(/^4 [^]*no_such_table/);
    expect([counted, unknown].map(begun)).to.deep.equal([false, false]);
    const place = own.keep(
      new Workplace(ownDrill(own.stack, { ...drill, clients: { command: ['./none'] } })),
    );
    await consentTo(place, own.stack);
    const absent = await place.run(
      ['run', 'drill.yaml', '--confirm', 'own'],
      passwordOf(own.stack),
    );
    expect(`${absent.code} ${absent.stderr}`).to.match(/^4 [^]*no file \.\/none here/);
    expect(place.runs()).to.deep.equal([]);
    await nothingOfDrill();
  });

  it.full('leaves no program of theirs behind when its runner is killed', async () => {
    const pids = join(own.stack.directory, 'pids');
    const deaf = script('deaf', `echo $$ >> ${pids}; trap '' TERM HUP PIPE; exec sleep 300`);
    const clients = { command: deaf, workers: 2 };
    const drill = ownDrill(own.stack, { ...lossOf(), clients, count: { sql: TEAM_COUNT } });
    const place = own.keep(new Workplace(drill));
    await consentTo(place, own.stack);
    const running = place.start(['run', 'drill.yaml', '--confirm', 'own'], passwordOf(own.stack));
    const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n') : []);
    // One of them is tried before anything else, and ended.
    await patiently('they never start', async () => (started().length < 3 ? null : true));
    running.child.kill('SIGKILL');
    await running.ended;
    const cleaned = await place.run(['clean'], passwordOf(own.stack));
    expect(cleaned.code, cleaned.stdout).to.equal(0);
    expect(started().flatMap((pid) => liveTree(Number(pid)))).to.deep.equal([]);
    await nothingOfDrill();
  });
});
