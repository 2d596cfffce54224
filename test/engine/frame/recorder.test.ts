// A disk that is full ends the run and not its clean-up.
import { expect } from 'chai';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecorder } from '../../../src/engine/frame/recorder.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';

describe('the journal on a full disk', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('stops the run, goes on telling watchers, and keeps what it could not write', () => {
    symlinkSync('/dev/full', join(directory, 'journal.ndjson'));
    const place = { id: 'r', directory, logs: directory, scratch: directory };
    const told: RunEvent[] = [];
    const recorder = openRecorder(place, hostClock(), (event) => told.push(event));
    recorder.emit('run.noted', { text: 'one' });
    recorder.emit('run.noted', { text: 'two' });
    recorder.close(null);
    expect(recorder.broken.reason).to.be.instanceOf(EnvironmentError);
    expect(recorder.broken.reason).to.have.property('message').that.contains('ENOSPC');
    expect(told).to.have.length(2);
    expect(recorder.unwritten).to.deep.equal(told);
  });
});
