// What the phases up to the redirect went into, in planted journals, with neighbours in which
// another cause is larger, or the time does not fit.
import { expect } from 'chai';
import type { PhaseCause } from '../../../src/drill/cause.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  journal,
  plan,
  TIMES,
} from '../../support/evidence/synthetic.ts';

const at = (since_ms: number) => TIMES.faultStarted + since_ms;
const GSLB = { every_ms: 250, timeout_ms: 200, failures: 3, ttl_s: 1 };
const gone = drive(goneFor(6_000));

interface Moments {
  readonly down?: number;
  readonly declared?: number;
  readonly fenced?: number;
  readonly writable?: number;
  readonly ready?: number;
  readonly redirected?: number;
}

/** Times since the fault; `others` stand between them. */
function causesIn(
  moments: Moments,
  others: readonly RunEvent[] = [],
  changes: Partial<Plan> = {},
  detail = 'east/app-1: ECONNREFUSED (3 failed checks in a row)',
) {
  const { down = 600, declared = 601, fenced = 700, writable = 900, ready = 1_000 } = moments;
  const { redirected = 1_100 } = moments;
  const checks = [{ name: 'east/postgres is dead', ok: true, detail: '' }];
  const node = 'west/postgres';
  const events = journal({
    'region.down': [{ t: at(down), event: 'region.down', region: 'east', detail }],
    'disaster.declared': [{ t: at(declared), event: 'disaster.declared', by: 'automatic' }],
    'fence.proved': [{ t: at(fenced), event: 'fence.proved', checks }],
    'database.writable': [
      { t: at(writable), event: 'database.writable', node, timeline: 2, replay_bytes: 4_096 },
    ],
    'app.ready': [{ t: at(ready), event: 'app.ready', region: 'west', instances: 1 }],
    'gslb.redirected': [{ t: at(redirected), event: 'gslb.redirected', region: 'west' }],
  });
  const planned = { ...plan, gslb: GSLB, ...changes };
  const all = [...events, ...others].sort((one, other) => one.t - other.t);
  const { recovery } = measure(evidenceOf({ ops: gone, events: all, plan: planned }));
  const { causes } = recovery!;
  return (phase: string) => causes.find((each) => each.phase === phase) ?? null;
}

const step = (name: string, from: number, to: number): RunEvent[] => [
  { t: at(from), event: 'step.started', step: name },
  { t: at(to), event: 'step.ended', step: name, ms: to - from },
];
const asked = (since_ms: number, node = 'west/postgres'): RunEvent => {
  return { t: at(since_ms), event: 'promote.sent', node, again: false };
};

describe('why detection took its time', () => {
  const detected = (down: number, detail?: string) =>
    causesIn({ down, declared: down + 1, fenced: down + 50 }, [], {}, detail)('detect');

  it('is the checks in a row, and where between two of them the fault fell', () => {
    expect(detected(600)).to.deep.equal({
      ...{ phase: 'detect', kind: 'health-checks', ms: 600 },
      ...{ failures: 3, every_ms: 250, first_ms: 100, timeout_ms: 0 },
    });
    expect(detected(740)).to.deep.include({ first_ms: 240 });
  });

  it('has the time that a check waits for an answer where none came', () => {
    const silent = 'east/app-1: no answer within 200 ms (3 failed checks in a row)';
    expect(detected(850, silent)).to.deep.include({ first_ms: 150, timeout_ms: 200 });
  });

  it('is not known where checks in a row do not take that long, or take longer', () => {
    expect(detected(810)).to.equal(null);
    expect(detected(400)).to.equal(null);
    expect(detected(1_200, 'east/app-1: no answer within 200 ms')).to.equal(null);
  });
});

describe('why the decision took its time', () => {
  const decided = (declare: Plan['declare'], declared: number) =>
    causesIn(
      { declared, fenced: declared + 50, writable: 4_000, ready: 4_100, redirected: 4_200 },
      [],
      {
        declare,
      },
    )('decide')?.kind ?? null;

  it('is who decides, where the time fits', () => {
    expect(decided({ by: 'automatic' }, 602)).to.equal('declared-by-drill');
    expect(decided({ by: 'after', after_ms: 2_000 }, 2_601)).to.equal('declared-after');
    expect(decided({ by: 'operator' }, 3_100)).to.equal('declared-by-operator');
    expect(decided({ by: 'command', command: ['sh'] }, 900)).to.equal('declared-by-command');
  });

  it('is not known where a program that decides at once took long', () => {
    expect(decided({ by: 'automatic' }, 1_300)).to.equal(null);
    expect(decided({ by: 'after', after_ms: 2_000 }, 3_100)).to.equal(null);
    expect(decided({ by: 'after', after_ms: 2_000 }, 700)).to.equal(null);
  });
});

describe('why the procedure took its time', () => {
  it('is the fence, or the step before it that took longer', () => {
    const fence = step('fence the old primary', 602, 701);
    expect(causesIn({}, fence)('fence')).to.deep.include({ kind: 'fence', checks: 1 });
    const secure = [
      ...step('secure the log', 602, 680),
      ...step('fence the old primary', 681, 701),
    ];
    expect(causesIn({}, secure)('fence')).to.deep.include({ kind: 'step', step: 'secure the log' });
  });

  it('is not known where no step was told, or where most of it lies outside of any', () => {
    expect(causesIn({})('fence')).to.equal(null);
    expect(causesIn({}, step('fence the old primary', 680, 701))('fence')).to.equal(null);
  });

  it('is the promotion from the request on, or what came before it', () => {
    const promote = step('promote the standby', 701, 905);
    expect(causesIn({}, [...promote, asked(720)])('promote')).to.deep.equal({
      ...{ phase: 'promote', kind: 'promotion', ms: 180, node: 'west/postgres' },
      ...{ asked: 1, replay_bytes: 4_096 },
    });
    expect(causesIn({}, [...promote, asked(850)])('promote')).to.deep.include({
      ...{ kind: 'step', step: 'promote the standby', ms: 149 },
    });
  });

  it('counts how often a promotion was asked for', () => {
    const twice = [asked(710), { ...asked(770), again: true } as RunEvent, asked(950)];
    expect(causesIn({}, twice)('promote')).to.deep.include({ asked: 2 });
  });

  it('is the largest part of a restore', () => {
    const restored = (copy_ms: number, verify_ms: number, replay_ms: number) => {
      const facts = { backup: 'b1', replayed_to: '0/2', log_end: '0/2', problems: [] };
      const times = { copy_ms, verify_ms, replay_ms };
      const node = 'west/postgres';
      const taken = { name: 'b1', files: 9, bytes: 31e6, ms: 5, lsn: '0/1' };
      return causesIn(
        {},
        [
          { t: 500, event: 'backup.taken', ...taken },
          { t: at(905), event: 'database.restored', node, ...facts, ...times },
        ],
        { strategy: 'backup-restore' },
      )('restore');
    };
    expect(restored(120, 20, 50)).to.deep.include({ kind: 'backup-copy', bytes: 31e6, ms: 120 });
    expect(restored(50, 120, 20)).to.deep.include({ kind: 'backup-check', ms: 120 });
    expect(restored(20, 30, 140)).to.deep.include({ kind: 'log-replay', ms: 140 });
    expect(restored(20, 20, 20), 'most of it is something else').to.equal(null);
  });

  it('is the start of an app, or that one which runs saw its database late', () => {
    const redirect = step('redirect the clients', 905, 1_050);
    const started = (node: string): RunEvent => {
      return { t: at(990), event: 'node.started', node, pid: 1, ms: 85 };
    };
    expect(causesIn({}, [...redirect, started('west/app-1')])('start')).to.deep.include({
      ...{ kind: 'app-start', node: 'west/app-1', ms: 85 },
    });
    for (const others of [[], [started('east/app-1')], [started('west/postgres')]]) {
      expect(causesIn({}, [...redirect, ...others])('start')).to.deep.include({
        ...{ kind: 'app-ready', region: 'west', instances: 1 },
      });
    }
  });

  it('is the step that redirects, or that no client asked DNS', () => {
    const scale = step('scale the app', 1_011, 1_300);
    const quick = [...step('redirect the clients', 905, 1_010), ...scale];
    expect(causesIn({}, quick)('redirect')).to.deep.include({ kind: 'no-question', ms: 90 });
    const slow = [
      ...step('redirect the clients', 905, 1_080),
      ...step('scale the app', 1_081, 1_300),
    ];
    expect(causesIn({}, slow)('redirect')).to.deep.include({
      ...{ kind: 'step', step: 'redirect the clients', ms: 80 },
    });
  });

  it('is that service was back, where a phase ends by that', () => {
    const events = journal({
      'fence.proved': [{ t: at(1_500), event: 'fence.proved', checks: [] }],
    });
    const { recovery } = measure(evidenceOf({ events }));
    const kinds = recovery!.causes.filter(({ phase }) => phase === 'fence');
    expect(kinds.map(({ kind }: PhaseCause) => kind)).to.deep.equal(['service-back']);
  });
});
