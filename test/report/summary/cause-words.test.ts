// The causes of phases in words, and that each kind of cause has some.
import { expect } from 'chai';
import type { PhaseCause } from '../../../src/drill/cause.ts';
import { causeOfPhase, causeWords, NOT_KNOWN } from '../../../src/report/summary/cause-words.ts';
import type { ResultRecovery } from '../../../src/verdict/result.ts';
import { passed } from '../../support/evidence/results.ts';

const cache = {
  ...({ phase: 'stabilise', kind: 'dns-cache', ms: 541, clients: 16, still: 0 } as const),
  ...{ held_ms: 560, ttl_ms: 1_000, hung: 0, operations: 40 },
};
const recovery = (causes: readonly PhaseCause[], ms = 561): ResultRecovery => {
  const phases = [
    { name: 'fence', ms: 0 },
    { name: 'stabilise', ms },
  ];
  return { ...passed.recovery!, phases, causes };
};

describe('the cause of a phase', () => {
  it('is a sentence with its numbers', () => {
    expect(causeOfPhase(recovery([cache]), 'stabilise')).to.equal(
      'the last of 16 clients kept its old DNS answer until 560 ms after the answers had moved, ' +
        'ttl 1 s',
    );
    expect(causeOfPhase(recovery([{ ...cache, still: 1, hung: 3 }]), 'stabilise')).to.equal(
      'clients kept their old DNS answers until 560 ms after the answers had moved (1 of 16 even ' +
        'longer), ttl 1 s; 3 of the requests hung until their timeout',
    );
  });

  it('says how much of the phase it is, where it is not nearly all', () => {
    expect(causeOfPhase(recovery([cache], 900), 'stabilise')).to.match(
      /^541 ms of it: the last of/,
    );
  });

  it('says that it is not known, and nothing where there is nothing to explain', () => {
    expect(causeOfPhase(recovery([]), 'stabilise')).to.equal(NOT_KNOWN);
    expect(causeOfPhase(recovery([]), 'fence')).to.equal('');
    const { causes: _, ...old } = recovery([]);
    expect(causeOfPhase(old, 'stabilise')).to.equal('');
  });

  it('tells what else a step did from the parts that are told by themselves', () => {
    const step = { kind: 'step', step: 'promote the standby', ms: 90 } as const;
    expect(causeWords({ ...step, phase: 'promote' })).to.equal(
      'what else the step "promote the standby" does',
    );
    expect(causeWords({ ...step, phase: 'fence' })).to.equal('the step "promote the standby"');
  });

  it('names checks that waited for an answer, and a promotion that was asked for twice', () => {
    const checks = { phase: 'detect', kind: 'health-checks', ms: 718, failures: 3 } as const;
    expect(causeWords({ ...checks, every_ms: 250, first_ms: 18, timeout_ms: 200 })).to.equal(
      '3 failed checks in a row, one every 250 ms, each of which waits 200 ms; the first began ' +
        '18 ms after the fault',
    );
    const promotion = { phase: 'promote', kind: 'promotion', ms: 80, asked: 2 } as const;
    expect(causeWords({ ...promotion, node: 'west/postgres', replay_bytes: 4_096 })).to.equal(
      'the promotion of west/postgres, from the first of 2 requests to its first write, with 4.1 kB ' +
        'of log to replay',
    );
  });
});
