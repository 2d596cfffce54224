// What losing the region would have lost: what its second region lacks, unless nobody was promised it.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { atStake, exposureOf } from '../../../src/measure/journal/exposure.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { eventLine } from '../../../src/report/live/event-line.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { evidenceOf, journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const { faultStarted } = TIMES;

describe('the exposure before the disaster', () => {
  const said = (t: number, bytes: number | null, ms: number | null, region = 'east'): RunEvent => {
    return { t, event: 'exposure.previewed', region, bytes, ms, detail: 'no standby follows' };
  };
  const with_ = (...events: RunEvent[]) =>
    assess(evidenceOf({ events: [...journal(), ...events] }));
  const inSync = (...events: RunEvent[]) => {
    const sync = { ...plan, replication: { ...plan.replication, mode: 'sync' } } as const;
    return assess(evidenceOf({ events: [...journal(), ...events], plan: sync }));
  };

  it('is the last that was said of the region before it was lost', () => {
    const { exposure, notes, verdict } = with_(
      said(3_000, 9e6, 9_000),
      said(faultStarted - 1, 3_200_000, 2_100),
      said(faultStarted - 1, 7, 7, 'west'),
      said(faultStarted + 1, 1, 1),
    );
    expect(exposure).to.deep.equal({ bytes: 3_200_000, ms: 2_100 });
    const note =
      'Just before the disaster, losing east would have lost up to 3.2 MB of log, about the last 2.1 s.';
    expect([notes[0], verdict]).to.deep.equal([note, 'pass']);
  });

  it('says as much as was known', () => {
    expect(with_(said(3_000, 400, null)).notes[0]).to.match(
      /would have lost up to 400 B of log\.$/,
    );
    expect(with_(said(3_000, null, 80)).notes[0]).to.match(
      /would have lost about the last 80 ms\.$/,
    );
    const { exposure, notes } = with_(said(3_000, null, null));
    expect(exposure).to.deep.equal({ bytes: null, ms: null });
    expect(notes[0]).to.match(
      /nobody could say what losing east would lose: no standby follows\.$/,
    );
  });

  it('is nothing where the other region has all of it', () => {
    const { notes } = with_(said(3_000, 0, 0));
    expect(notes[0]).to.equal('Just before the disaster, losing east would have lost nothing.');
  });

  it('of a synchronous drill counts only what was acknowledged, in old journals too', () => {
    const { exposure, notes } = inSync(said(3_000, 23_000, 2_430));
    const waiting = { bytes: 23_000, region: 'west' };
    expect(exposure).to.deep.equal({ bytes: 0, ms: 0, waiting });
    expect(notes[0]).to.equal(
      'Just before the disaster, losing east would have lost nothing that was acknowledged ' +
        '(sync); 23 kB of log were waiting for west.',
    );
    const now = { ...said(3_000, 0, 0), waiting } as RunEvent;
    expect(inSync(now).exposure).to.deep.equal(exposure);
    expect(eventLine(now)!.text).to.equal(
      'losing east now loses nothing that was acknowledged (sync); ' +
        '23 kB of log are waiting for west',
    );
    expect(inSync(said(3_000, 0, 0)).notes[0]).to.match(/acknowledged \(sync\)\.$/);
  });

  it('of a synchronous drill is not known where nobody knows what waits', () => {
    expect(inSync(said(3_000, null, null)).exposure).to.deep.equal({ bytes: null, ms: null });
  });

  it('of backups counts by how their log is received', () => {
    const of = (wal: 'archive' | 'receive' | 'receive-sync') => {
      const backup = { every_ms: 1, keep: 1, wal, archive_timeout_ms: 1 } as const;
      const seen = { bytes: 700, ms: 9, detail: '' };
      return atStake({ ...plan, backup, strategy: 'backup-restore' }, seen).bytes;
    };
    expect((['archive', 'receive', 'receive-sync'] as const).map(of)).to.deep.equal([700, 700, 0]);
  });

  it('is what was said at the very moment of the disaster, or last of all where there was none', () => {
    const of = (changes: Parameters<typeof journal>[0], ...events: RunEvent[]) =>
      exposureOf(new Timeline(plan, [...journal(changes), ...events]));
    const seen = { region: 'east', bytes: 5, ms: 7, detail: 'no standby follows' };
    expect(of({}, said(3_000, 9, 9), said(faultStarted, 5, 7))).to.deep.equal(seen);
    const later = [said(3_000, 9, 9), said(9_000, 5, 7, 'west')];
    expect(of({ 'fault.started': null }, ...later)).to.deep.equal({ ...seen, region: 'west' });
  });

  it('is null when nobody asked', () => {
    expect(with_().exposure).to.equal(null);
    expect(exposureOf(new Timeline(plan, journal({ 'fault.started': null })))).to.equal(null);
  });
});
