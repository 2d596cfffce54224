// Whether a drill of somebody's own system is what they agreed to: each point that differs is told.
import { expect } from 'chai';
import { isOwnPlan } from '../../../src/drill/own-plan.ts';
import {
  differencesFrom,
  makeConsent,
  readSystemConsent,
  writeSystemConsent,
} from '../../../src/drill/consent/consent.ts';
import { sha256 } from '../../../src/host/sha256.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const AT = '2026-11-30T12:00:00.000Z';
const NOW_MS = Date.parse(AT);
const DAY_MS = 86_400_000;

type Parts = Parameters<typeof ownDrill>[0];

function ownPlan(parts: Parts = {}, seed = 1) {
  const plan = planOf(ownDrill(parts), seed);
  if (!isOwnPlan(plan)) throw new Error('it is a system that drill makes');
  return plan;
}

function consentTo(parts: Parts = {}) {
  const until = new Date(NOW_MS + DAY_MS).toISOString();
  const agreed = { by: 'ada', at: AT, until, allow: [], system_identifier: '7', identity: null };
  return makeConsent(ownPlan(parts), agreed, sha256);
}

/** Of a drill of which one part was changed after the consent to it. */
function changed(parts: Parts, now_ms = NOW_MS): string[] {
  return differencesFrom(consentTo(), ownPlan(parts), now_ms).map(
    ({ point, expected, found }) => `${point}: expected ${expected}, found ${found}`,
  );
}

describe('the consent to drill a system of one’s own', () => {
  it('lets what was agreed to pass, whatever the seed', () => {
    expect(changed({})).to.deep.equal([]);
    expect(differencesFrom(consentTo(), ownPlan({}, 7), NOW_MS)).to.deep.equal([]);
  });

  it('is the same once it was written and read', () => {
    const consent = consentTo({ fault: 'arm: [./later.sh], disarm: [./never.sh]' });
    expect(readSystemConsent(writeSystemConsent(consent), sha256)).to.deep.equal(consent);
  });

  it('tells what was changed by hand, and what it cannot read', () => {
    const text = writeSystemConsent(consentTo());
    const read = (given: string) => readSystemConsent(given, sha256);
    expect(read(text.replace('./on.sh', './off.sh'))).to.deep.equal({
      problem: 'undo of power off db1 was changed by hand: ./off.sh db1',
    });
    expect(read('')).to.have.property('problem');
    expect(read('a: [')).to.deep.equal({ problem: 'it is no YAML' });
    expect(read(text.replace('allow: []', 'allow: [everything]'))).to.have.property('problem');
  });

  it('ends', () => {
    const later = changed({}, NOW_MS + 2 * DAY_MS);
    expect(later).to.deep.equal([
      'its end: expected a run before 2026-12-01T12:00:00.000Z, found 2026-12-02T12:00:00.000Z',
    ]);
  });

  it('tells each point that is another one', () => {
    const elsewhere = { 'east/db1': 'postgres://drill@10.0.1.12/app' };
    const servers = { ...elsewhere, 'west/db2': 'postgres://drill@10.0.2.11:5432/app' };
    expect(changed({ databases: servers })).to.deep.equal([
      'east/db1: expected drill@10.0.1.11:5432/app, found drill@10.0.1.12/app',
    ]);
    const trusting = {
      ...servers,
      'east/db1': 'postgres://drill@10.0.1.11:5432/app?sslmode=require',
    };
    expect(changed({ databases: trusting })).to.deep.equal([
      'the address of east/db1, after ?: expected none, found sslmode=require',
    ]);
    expect(changed({ system: 'clients: { sql: "balancer:5000" }' })).to.deep.equal([
      'topology.system.clients: expected the list of servers, found balancer:5000',
    ]);
    expect(changed({ guard: 'consent: other.yaml' })).to.deep.equal([]);
    expect(changed({ system: 'primary: { command: [./who.sh] }' })).to.deep.equal([
      'run of topology.system.primary: expected none, found ./who.sh',
    ]);
    expect(changed({ system: 'identity: { command: [id], is: staging }' })).to.deep.equal([
      'topology.system.identity: expected none, found staging',
      'run of topology.system.identity: expected none, found id',
    ]);
  });

  it('tells a limit that was loosened, or tightened, and what is believed', () => {
    const guard = {
      'rate_at_most: 90/s': 'rate_at_most: expected 100/s, found 90/s',
      'bytes_at_most: 2MB': 'bytes_at_most: expected 1MB, found 2MB',
      'hurt_for: 2h': 'hurt_for: expected 10m, found 2h',
      'lever: stop.txt': 'lever: expected none, found stop.txt',
    };
    for (const [stated, told] of Object.entries(guard)) {
      expect(changed({ guard: stated })).to.deep.equal([`topology.guard.${told}`]);
    }
    const asked = (more: string) => ({ guard: `stop_when: { command: [./alarm.sh]${more} }` });
    const later = ownPlan(asked(', for: 1h'));
    expect(differencesFrom(consentTo(asked('')), later, NOW_MS)).to.deep.equal([
      { point: 'topology.guard.stop_when.for', expected: '5s', found: '1h' },
    ]);
    expect(changed({ system: 'primary: { http: "http://{host}/p" }' })).to.deep.equal([
      'topology.system.primary: expected none, found http://{host}/p',
    ]);
    const [fault] = later.faults;
    const seen = { by: 'silent', where: 'west/db2' };
    const other = { ...ownPlan(), faults: [{ ...fault, seen } as typeof fault & {}] };
    expect(differencesFrom(consentTo(), other, NOW_MS)).to.deep.equal([
      {
        point: 'seen of power off db1',
        expected: 'east/db1 takes no connection',
        found: 'west/db2 is silent',
      },
    ]);
  });

  it('tells steps in another order: the same commands are another drill', () => {
    const step = (title: string) => {
      return { by: 'command', title, command: [`./${title}.sh`], seen: null } as const;
    };
    const [fence, promote] = [step('fence'), step('promote')];
    const withSteps = (...steps: (typeof fence)[]) => {
      const plan = ownPlan();
      return { ...plan, recover: { ...plan.recover, steps } };
    };
    const consent = makeConsent(withSteps(fence, promote), { ...consentTo() }, sha256);
    expect(differencesFrom(consent, withSteps(fence, promote), NOW_MS)).to.deep.equal([]);
    expect(differencesFrom(consent, withSteps(promote, fence), NOW_MS)).to.deep.equal([
      { point: 'the order of recover.steps', expected: 'fence, promote', found: 'promote, fence' },
    ]);
  });

  it('wants a new look where it was written before it held the limits', () => {
    const { limits, ...old } = consentTo();
    expect(limits).to.have.property('topology.guard.hurt_for', '10m');
    const read = readSystemConsent(writeSystemConsent(old), sha256);
    expect(read).to.deep.equal(old);
    expect(differencesFrom(old, ownPlan(), NOW_MS).map(({ point }) => point)).to.deep.equal([
      'its limits',
    ]);
  });

  it('tells what is sent by another way, believed of its answers, and counted otherwise', () => {
    const http = (more = '') => ({
      system: `clients: { http: { url: 'https://a.test/o'${more} } }`,
    });
    const point = (one: Parts, other: Parts) =>
      differencesFrom(consentTo(one), ownPlan(other), NOW_MS).map((each) => each.point);
    const clients = ['topology.system.clients'];
    expect(point(http(), http())).to.deep.equal([]);
    expect(point({}, http())).to.deep.equal(clients);
    for (const more of [
      ', method: PUT',
      ', refused: 409',
      ', headers: { a: b }',
      ', acknowledged: 201',
    ]) {
      expect(point(http(), http(more))).to.deep.equal(clients);
    }
    expect(
      point(http(", body: '{writer}{sequence}a'"), http(", body: '{writer}{sequence}b'")),
    ).to.have.length(1);
    const written = (file: string, sql: string) => ({
      system: `clients: { command: [${file}] }, count: { sql: '${sql}' }`,
    });
    expect(point(written('a', 'select 1'), written('a', 'select 1'))).to.deep.equal([]);
    expect(point(written('a', 'select 1'), written('a', 'select 2'))).to.deep.equal([
      'topology.system.count',
    ]);
    expect(point(written('a', 'select 1'), written('b', 'select 1'))).to.deep.equal([
      ...clients,
      'run of topology.system.clients',
    ]);
    const secret = (command: string) =>
      http(`, headers: { authorization: { command: [${command}] } }`);
    expect(point(secret('a'), secret('b'))).to.include(
      'run of topology.system.clients.http.headers.authorization',
    );
  });

  it('tells a command that is another one, one that came and one that went', () => {
    const fault = (arm: string) => differencesFrom(consentTo({ fault: arm }), ownPlan(), NOW_MS);
    expect(changed({ fault: 'arm: [./later.sh]' })).to.deep.equal([
      'arm of power off db1: expected none, found ./later.sh',
    ]);
    expect(fault('arm: [./later.sh]')).to.deep.equal([
      { point: 'arm of power off db1', expected: './later.sh', found: 'none' },
    ]);
    const other = ownPlan();
    const [first] = other.faults;
    const undo = { ...first, undo: ['./on.sh', 'db2'] } as typeof first & {};
    expect(differencesFrom(consentTo(), { ...other, faults: [undo] }, NOW_MS)).to.deep.equal([
      { point: 'undo of power off db1', expected: './on.sh db1', found: './on.sh db2' },
    ]);
  });
});
