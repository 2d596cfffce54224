// Runners that are killed while they drill somebody's own repmgr: what is broken heals on the other
// side though drill is gone, `drill clean` ends the rest, and what is the team's is as it was.
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import { consentTo, ownDrill, passwordOf } from '../../support/attached/own-drill.ts';
import { patiently, query } from '../../support/attached/orders.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import { startRepmgr } from '../../support/attached/repmgr.ts';
import type { Stack } from '../../support/attached/stack.ts';
import { isWhole, theirsIn, type Theirs } from '../../support/attached/theirs.ts';
import { it } from '../../support/commands.ts';
import { Draw } from '../../support/kill/draw.ts';
import { SEED } from '../../support/kill/series.ts';
import { Workplace, type RunningDrill } from '../../support/whole/drill-cli.ts';

/** The dead-man's switch: longer than the failover takes. */
const ARMED_S = 12;
/** One that goes off in no test. */
const LATE_S = 600;
/** About as long as a run takes until its fault is undone. */
const RUN_MS = 9_000;
const RANDOM = 2;
const LOOK_EVERY_MS = 2;

/** What a run has written by now. */
interface Written {
  readonly undo: string;
  readonly has: (event: RunEvent['event']) => boolean;
  readonly phase: string;
}

interface Moment {
  readonly isThere: (written: Written) => boolean;
  readonly after_ms?: number;
  readonly armed_s?: number;
}

const OWN_TABLES = '"undo":"own-tables"';
const COMMAND = '"undo":"command"';

const MOMENTS: Readonly<Record<string, Moment>> = {
  'before anything is made': { isThere: ({ has }) => has('rails.looked') },
  'before its first table, whose undo is on disk': {
    isThere: ({ undo }) => undo.includes(OWN_TABLES),
  },
  'while its tables are made': {
    isThere: ({ undo }) => undo.includes(OWN_TABLES),
    after_ms: 40,
  },
  'in the steady state': { isThere: ({ has }) => has('steady.started'), after_ms: 500 },
  'before the fault, whose undo is on disk': { isThere: ({ undo }) => undo.includes(COMMAND) },
  'while the command breaks it': { isThere: ({ undo }) => undo.includes(COMMAND), after_ms: 150 },
  'when it is broken': { isThere: ({ has }) => has('fault.injected') },
  'in the failover': { isThere: ({ has }) => has('fault.injected'), after_ms: 2_000 },
  'when the other server has taken over': { isThere: ({ has }) => has('database.writable') },
  'in the undo': { isThere: ({ phase }) => phase === 'heal', after_ms: 400, armed_s: LATE_S },
  'after the undo': { isThere: ({ has }) => has('fault.healed'), armed_s: LATE_S },
  'at its end': { isThere: ({ phase }) => phase === 'down', armed_s: LATE_S },
};

describe(`a runner that is killed while it drills repmgr, seed ${SEED}`, function () {
  this.timeout(180_000);
  let stack: Stack;
  let was: Theirs;
  let place: Workplace;

  before(function () {
    requireRepmgr(this);
  });
  beforeEach(async () => {
    stack = await startRepmgr();
    was = await theirsIn(stack);
  });
  afterEach(async () => {
    place.remove();
    await stack.down();
  });

  const begin = async (armed_s: number): Promise<RunningDrill> => {
    const drill = ownDrill(stack, {
      run: stack.lose('node'),
      undo: stack.undo(),
      arm: stack.arm(armed_s),
      disarm: stack.disarm(),
      seen: '{ refuses: east/db1 }',
    });
    place = new Workplace(drill);
    await consentTo(place, stack);
    const args = ['run', 'drill.yaml', '--reporter', 'plain', '--confirm', 'own'];
    return place.start(args, passwordOf(stack));
  };
  const until = async (running: RunningDrill, isThere: Moment['isThere']) => {
    while (running.child.exitCode === null && !isThere(writtenIn(place)))
      await sleep(LOOK_EVERY_MS);
  };
  const kill = async (running: RunningDrill, { isThere, after_ms = 0 }: Moment) => {
    await until(running, isThere);
    await sleep(after_ms);
    running.child.kill('SIGKILL');
    const { signal, stdout, stderr } = await running.ended;
    expect(signal, `it had ended by itself:\n${stdout}${stderr}`).to.equal('SIGKILL');
  };
  /** By nobody of drill: its runner is dead, and no cleaner was called. */
  const healsByItself = async () =>
    await patiently('it never heals on the far side', async () => {
      return (await isWhole(stack)) ? true : null;
    });
  /** Of this run alone: what other tests have left is not theirs to mend. */
  const clean = () => place.start(['clean', basename(place.runs().at(-1)!)], passwordOf(stack));
  /** Kills what `begins`, while somebody else reads the tables that it is to drop. */
  const inTheDrop = async (begins: () => Promise<RunningDrill>) => {
    const reader = await readerOf(stack);
    const dropping = await begins();
    await patiently('nothing is dropped', async () => ((await isDropping(stack)) ? true : null));
    dropping.child.kill('SIGKILL');
    await dropping.ended;
    await reader.end();
  };
  const isAsBefore = async () => {
    await healsByItself();
    for (const url of Object.values(stack.admins)) {
      const schemas = await query(url, "select nspname from pg_namespace where nspname ~ 'dr_'");
      expect(schemas).to.deep.equal([]);
      const sessions = `select application_name, query from pg_stat_activity
        where usename = 'drill'`;
      expect(await query(url, sessions)).to.deep.equal([]);
    }
    const is = await theirsIn(stack);
    for (const [what, value] of Object.entries(was)) expect(is[what], what).to.equal(value);
    const armed = readdirSync(stack.directory).filter((name) => name.startsWith('armed-'));
    expect(armed, 'what is armed on the far side').to.deep.equal([]);
    expect(place.leftBehind()).to.deep.equal([]);
  };
  const cleans = async () => {
    const { code, stdout, stderr } = await clean().ended;
    expect(code, stdout + stderr).to.equal(0);
  };

  for (const [when, moment] of Object.entries(MOMENTS)) {
    it.full(`${when}: all is as it was`, async () => {
      await kill(await begin(moment.armed_s ?? ARMED_S), moment);
      await healsByItself();
      await cleans();
      await isAsBefore();
    });
  }

  for (let number = 0; number < RANDOM; number++) {
    const after_ms = Math.round(new Draw(SEED, number).share() * RUN_MS);
    it.full(`${after_ms} ms after it began: all is as it was`, async () => {
      await kill(await begin(ARMED_S), { isThere: ({ has }) => has('run.started'), after_ms });
      await healsByItself();
      await cleans();
      await isAsBefore();
    });
  }

  it.full('in the drop of its tables: all is as it was', async () => {
    const running = await begin(LATE_S);
    await until(running, ({ has }) => has('fault.healed'));
    await inTheDrop(async () => running);
    await cleans();
    await isAsBefore();
  });

  it.full('and the cleaners after it, each at another moment: all is as it was', async () => {
    await kill(await begin(LATE_S), MOMENTS['when the other server has taken over']!);
    // On a quiet machine one of them would be done before it is killed.
    const reader = await readerOf(stack);
    for (const after_ms of [250, 700, 1_500]) {
      const cleaner = clean();
      await sleep(after_ms);
      cleaner.child.kill('SIGKILL');
      await cleaner.ended;
    }
    await healsByItself();
    await inTheDrop(async () => clean());
    await reader.end();
    await cleans();
    await isAsBefore();
  });
});

function writtenIn(place: Workplace): Written {
  const run = place.runs().at(-1);
  const file = run === undefined ? null : runFile(run, 'undo');
  const events = place.events();
  return {
    undo: file === null || !existsSync(file) ? '' : readFileSync(file, 'utf8'),
    has: (event) => events.some((each) => each.event === event),
    phase: events.findLast((each) => each.event === 'phase.started')?.phase ?? '',
  };
}

const TABLES = `select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname = 'dr_drill'`;

/** Reads all tables of drill, on the primary, and has not ended. */
async function readerOf({ admins }: Stack): Promise<Client> {
  for (const url of Object.values(admins)) {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ standby: boolean }>(
        'select pg_is_in_recovery() as standby',
      );
      if (rows[0]?.standby === false) {
        await client.query('begin');
        const tables = await client.query<{ name: string }>(TABLES);
        for (const { name } of tables.rows) await client.query(`select from ${name} limit 1`);
        return client;
      }
    } catch {
      // the other one
    }
    await client.end().catch(() => {});
  }
  throw new Error('no server takes writes');
}

async function isDropping({ admins }: Stack): Promise<boolean> {
  const waiting = `select from pg_stat_activity
    where usename = 'drill' and wait_event_type = 'Lock' and query ilike 'drop table%'`;
  const found = await Promise.all(
    Object.values(admins).map((url) => query(url, waiting).catch(() => [])),
  );
  return found.some((rows) => rows.length > 0);
}
