// The drills of managed services: each command of their files is one that the real `aws` or `kubectl`
// takes, and a whole drill of each is judged, with two local servers behind a stand-in of the service.
import { expect } from 'chai';
import { ownCommands } from '../../../src/drill/consent/commands.ts';
import { Amazon } from '../../support/attached/cloud/amazon.ts';
import { cloudFile, onStack } from '../../support/attached/cloud/cloud-drill.ts';
import { Kubernetes } from '../../support/attached/cloud/kubernetes.ts';
import { keepToItself, query } from '../../support/attached/orders.ts';
import {
  acknowledgedIn,
  passwordOf,
  runOwnFile,
  type Around,
  type OwnRun,
} from '../../support/attached/own-drill.ts';
import { requireAws, requireKubectl, requireRepmgr } from '../../support/attached/programs.ts';
import type { Argv, Stack } from '../../support/attached/stack.ts';
import { runArgv } from '../../support/attached/start.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { requirePart } from '../../support/require.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const WEST = 'west/db2';
type Environment = Readonly<Record<string, string>>;

describe('a drill of a managed service', function () {
  this.timeout(300_000);
  let stack: Stack;
  let ended: (() => unknown)[] = [];

  before(function () {
    requireRepmgr(this);
  });
  beforeEach(async () => {
    stack = await startTwoServers();
    ended.push(() => stack.down());
  });
  afterEach(async () => {
    for (const end of ended.splice(0).toReversed()) await end();
    ended = [];
  });

  const place = (text: string) => {
    const made = new Workplace(text);
    ended.push(() => made.remove());
    return made;
  };
  const run = async (text: string, around: Around) => {
    const ran = await runOwnFile(stack, text, around);
    ended.push(() => ran.place.remove());
    return ran;
  };
  /** What each command of the file prints, by what it is of. */
  const answers = async (text: string, environment: Environment) => {
    const commands = ownCommands(planOf(text)).filter(({ use }) => use === 'run');
    const printed: Record<string, string> = {};
    for (const { of, command } of commands) {
      const words = await runArgv(command as Argv, { ...process.env, ...environment });
      printed[of.replace('topology.system.', '')] = words.trim();
    }
    return printed;
  };
  /** It passes, a second program counts the same, and nothing stays of it anywhere. */
  const isTrue = async (ran: OwnRun) => {
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.ended.code, ran.ended.stdout).to.equal(0);
    expect(ran.result.recovery!.rto_ms).to.be.greaterThan(0);
    const kept = ran.ids.get(WEST)!;
    const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
    expect(ran.result.loss!.lost).to.equal(gone.length);
    const followed = ran.place.events().filter(({ event }) => event === 'servers.followed');
    expect(followed.map((each) => 'ok' in each && each.ok)).to.deep.equal([true]);
    for (const url of Object.values(stack.admins)) {
      const sql = `select nspname from pg_namespace where nspname = 'dr_drill'`;
      expect(await query(url, sql)).to.deep.equal([]);
    }
    expect(ran.place.leftBehind()).to.deep.equal([]);
  };
  const refusal = async (text: string, environment: Environment) => {
    const variables = { ...passwordOf(stack), ...environment };
    const { code, stderr } = await place(text).run(['attach', 'drill.yaml'], variables);
    return { code, stderr };
  };

  describe('Amazon RDS', () => {
    const name = 'orders.cluster-abc123.eu-west-1.rds.amazonaws.com';
    let amazon: Amazon;
    let text: string;

    before(function () {
      requireAws(this);
    });
    beforeEach(async () => {
      amazon = await Amazon.start(stack);
      ended.push(() => amazon.close());
      text = onStack(cloudFile('rds'), stack, `${name}:${amazon.port}`);
    });

    it.full('has commands that `aws` takes, and AWS answers', async () => {
      const printed = await answers(text, amazon.environment);
      expect(printed).to.include({ identity: '123456789012', primary: 'orders-1' });
      expect(printed['settings']).to.match(/^aurora-postgresql\s/);
      expect(printed['fail the writer over']).to.contain('orders-2');
      expect(await answers(text, amazon.environment)).to.include({ primary: 'orders-2' });
    });

    it.full('is judged: its writer fails over, and clients follow its name', async function () {
      requirePart(this, 'superuser', process.getuid?.() === 0, 'only root can change a name');
      await keepToItself(stack.admins['east/db1']);
      const hosts = await amazon.serve(name);
      const ran = await run(text, { environment: amazon.environment, hosts });
      await isTrue(ran);
      expect(ran.result.loss!.lost).to.equal(0);
      const notes = ran.place.events().flatMap((each) => {
        return each.event === 'run.noted' ? [each.text] : [];
      });
      expect(notes.join()).to.match(/orders-1 does not tell of its log \(wal_level must be set/);
    });

    it.full('proves nothing where the API says yes and does nothing', async () => {
      const file = cloudFile('rds');
      file.faults[0]!.takes_at_most = '5s';
      const { host } = new URL(stack.databases['east/db1']);
      const ran = await run(onStack(file, stack, host), { environment: amazon.environment });
      expect(ran.ended.code, ran.ended.stdout).to.equal(3);
      expect(ran.result.reasons.join(' ')).to.match(/eu-west-1a\/orders-1 takes no writes/);
    });

    it.full('is refused in another account', async () => {
      const { code, stderr } = await refusal(
        text.replace('"123456789012"', '"999999999999"'),
        amazon.environment,
      );
      expect(code, stderr).to.equal(4);
      expect(stderr).to.match(/topology.system.identity.*999999999999.*123456789012/s);
    });
  });

  describe('CloudNativePG', () => {
    const file = cloudFile('cloudnativepg');
    let kubernetes: Kubernetes;
    let text: string;

    before(function () {
      requireKubectl(this);
    });
    beforeEach(async () => {
      kubernetes = await Kubernetes.start(stack, file.topology.system.identity.is);
      ended.push(() => kubernetes.close());
      text = onStack(cloudFile('cloudnativepg'), stack, `127.0.0.1:${kubernetes.port}`);
    });

    it.full('has commands that `kubectl` takes, and Kubernetes answers', async () => {
      const printed = await answers(text, kubernetes.environment);
      expect(printed).to.include({
        identity: file.topology.system.identity.is,
        primary: 'orders-1',
        settings: '{"instances":2}',
      });
      expect(printed['delete the pod of the primary']).to.match(/pod "orders-1" force deleted/);
    });

    it.full('is judged: its primary is deleted, and the operator promotes another', async () => {
      await isTrue(await run(text, { environment: kubernetes.environment }));
    });

    it.full('is not protected again where the operator never makes the pod again', async () => {
      kubernetes.makesAgain = false;
      const short = cloudFile('cloudnativepg');
      short.faults[0]!.takes_at_most = '20s';
      const there = onStack(short, stack, `127.0.0.1:${kubernetes.port}`);
      const ran = await run(there, { environment: kubernetes.environment });
      expect(ran.ended.code, ran.ended.stdout).to.equal(1);
      expect(ran.result.failures.map(({ code }) => code)).to.deep.equal(['not-protected']);
      expect(ran.result.reasons.join(' ')).to.match(
        /Not protected again, .* after the recovery: what is written comes to zone-a\/orders-1/,
      );
    });

    it.full('is refused in another cluster, and in a context that is not there', async () => {
      const other = text.replace(file.topology.system.identity.is, 'another');
      const found = await refusal(other, kubernetes.environment);
      expect(found.code, found.stderr).to.equal(4);
      expect(found.stderr).to.match(/topology.system.identity.*another/s);
      const nowhere = text.replaceAll('--context=staging', '--context=elsewhere');
      const refused = await refusal(nowhere, kubernetes.environment);
      expect(refused.code, refused.stderr).to.equal(4);
      expect(refused.stderr).to.contain('topology.system.identity');
    });
  });
});
