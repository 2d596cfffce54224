// The judgement of a restore drill: only what was proved passes, and an age of which nobody knows
// whether anything came after it fails nothing.
import { expect } from 'chai';
import { parseRestore } from '../../src/drill/restore/parse.ts';
import type { RestoreFacts } from '../../src/evidence/backup/restore-form.ts';
import { judgeRestore } from '../../src/verdict/restore.ts';

const fileOf = (more: string) => {
  const text = `restore: 1\nname: b\nbackup: { kind: basebackup, path: base }\n${more}`;
  return parseRestore({ file: 'b.yaml', bytes: Buffer.from(text) }).restore!;
};

const AT = '2026-11-30T12:00:00.000Z';
const FACTS: RestoreFacts = {
  schema: 'drill.restore-facts/1',
  id: 'r',
  at: AT,
  drill_version: '0',
  backup: {
    format: 'plain',
    bytes: 1,
    major: '18',
    system: '1',
    started_at: '2026-11-30T06:00:00.000Z',
    start_lsn: '0/2000028',
    timeline: 1,
  },
  server: { version: '18.4' },
  restored: {
    copy_ms: 1_000,
    verify_ms: 500,
    replay_ms: 2_000,
    timeline: 2,
    replayed_to: '0/3000000',
    log_end: '0/3000000',
  },
  newest: { transaction_at: '2026-11-30T11:50:00.000Z', heartbeat_at: null },
  checks: [{ name: 'files agree with the manifest', state: 'passed', detail: '' }],
  findings: [],
};

const judge = (more: string, facts: Partial<RestoreFacts> = {}) =>
  judgeRestore(fileOf(more), { ...FACTS, ...facts });

describe('the verdict of a restore drill', () => {
  it('passes where the time is within its target and the age too', () => {
    const result = judge('targets: { restore: 3s, rpo: 10m }\n');
    expect(result).to.deep.include({ verdict: 'pass', reasons: [], restore_ms: 3_000 });
    expect(result.rpo).to.deep.equal({ low_ms: 0, high_ms: 600_000, by: 'transaction' });
  });

  it('leaves an age open after which nobody knows whether anything was written', () => {
    const result = judge('targets: { rpo: 9m }\n');
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons[0]).to.include('drill heartbeat');
  });

  it('says what would tell where the backup says nothing of its newest transaction', () => {
    const newest = { transaction_at: null, heartbeat_at: null };
    const backup = { ...FACTS.backup!, started_at: null };
    const { reasons } = judge('targets: { rpo: 9m }\n', { newest, backup });
    expect(reasons[0]).to.match(/does not say: a heartbeat would tell/);
  });

  it('fails an old heartbeat, exactly, and knows nothing where there is none', () => {
    const beats = 'heartbeat: { every: 1s }\ntargets: { rpo: 9m }\n';
    const newest = { transaction_at: AT, heartbeat_at: '2026-11-30T11:50:00.000Z' };
    const result = judge(beats, { newest });
    expect(result.verdict).to.equal('fail');
    expect(result.rpo).to.deep.equal({ low_ms: 599_000, high_ms: 600_000, by: 'heartbeat' });
    expect(judge(beats).verdict).to.equal('inconclusive');
  });

  it('counts from the beginning of the backup where no transaction came since', () => {
    const newest = { transaction_at: null, heartbeat_at: null };
    const { rpo } = judge('targets: { rpo: 7h }\n', { newest });
    expect(rpo).to.deep.equal({ low_ms: 0, high_ms: 6 * 3_600_000, by: 'backup' });
  });

  it('knows no age of a backup that is begun in the future, and a bound without its zone', () => {
    const newest = { transaction_at: null, heartbeat_at: null };
    const ahead = { ...FACTS.backup!, started_at: '2026-12-01T02:00:00.000Z' };
    const result = judge('targets: { rpo: 1m }\n', { newest, backup: ahead });
    expect(result).to.include({ verdict: 'inconclusive', rpo: null });
    expect(result.reasons[0]).to.include('after the disaster');
    const backup = { ...FACTS.backup!, started_until: '2026-12-01T08:00:00.000Z' };
    const [reason] = judge('targets: { rpo: 5h }\n', { newest, backup }).reasons;
    expect(reason).to.match(/in the backup without a zone.* at least 0 s and at most 6 h/);
  });

  it('knows no age by a clock that is ahead', () => {
    const newest = { transaction_at: '2026-11-30T12:02:00.000Z', heartbeat_at: null };
    const result = judge('targets: { rpo: 10m }\n', { newest });
    expect(result).to.include({ verdict: 'inconclusive', rpo: null });
    expect(result.reasons[0]).to.include('after the disaster');
  });

  it('fails what was given up at its deadline, which misses every target, and is no damage', () => {
    const finding = { code: 'not-finished', text: 'it was not finished' } as const;
    const late = { findings: [finding], restored: null };
    const more = 'targets: { restore: 1h }\n';
    const result = judge(more, late);
    expect(result.verdict).to.equal('fail');
    expect(result.gates[0]).to.include({ low_ms: 7_200_000, high_ms: null, verdict: 'fail' });
    expect(result.gates[0]!.reason).to.match(/not finished after 2 h.*, the target is 1 h/);
    expect(judge('', late)).to.deep.include({ verdict: 'fail', reasons: ['it was not finished'] });
  });

  it('tells the age of a dump as a bound, of which nobody knows more', () => {
    const newest = { transaction_at: null, heartbeat_at: null };
    const until = { started_until: '2026-11-30T11:00:00.000Z' };
    const backup = { ...FACTS.backup!, kind: 'pg_dump', ...until } as const;
    const result = judge('targets: { rpo: 5h }\n', { newest, backup });
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons[0])
      .to.include('without a zone')
      .and.match(/at least 1 h.* and at most 6 h/)
      .and.include('drill heartbeat');
    expect(judge('targets: { rpo: 6h }\n', { newest, backup }).verdict).to.equal('pass');
  });

  it('never passes with a skipped check, a finding, a slow restore, or nothing restored', () => {
    const check = { name: 'amcheck', detail: 'not installed' };
    const skipped = [{ ...check, state: 'skipped' }] as const;
    expect(judge('', { checks: skipped }).verdict).to.equal('inconclusive');
    expect(judge('', { checks: [{ ...check, state: 'failed' }] }).verdict).to.equal('fail');
    const finding = { code: 'missing-segment', text: 'segment X is missing' } as const;
    expect(judge('', { findings: [finding] }).verdict).to.equal('fail');
    expect(judge('targets: { restore: 2s }\n').verdict).to.equal('fail');
    expect(judge('', { restored: null }).verdict).to.equal('inconclusive');
  });
});
